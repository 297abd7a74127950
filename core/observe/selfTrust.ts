import type { SiteHealth } from '../model/health.ts';
import type { FailureClass } from '../model/probe.ts';
import type { Doubt } from '../model/situation.ts';

/** What a prober knows about itself. */
export interface SelfCheck {
  /** By reference: could it be seen? Empty: none configured, or not looked at yet. */
  referencesVisible: boolean[];
  /** How far the wall clock moved against the monotonic one since the last turn. */
  clockJumpMs: number;
  /** How much later than planned this turn began. */
  lateByMs: number;
}

const clockJumpLimitMs = 2_000;
/** A process whose schedule is later than that was held up. */
export const lateLimitMs = 2_000;

/**
 * A blind watcher accuses no one: the reason why this prober should not be believed now, or null. The limits follow
 * Redis Sentinel's TILT mode, which stops acting when its timer was 2 s late or ran backwards.
 */
export function selfDoubt(health: Record<string, SiteHealth>, self: SelfCheck): Doubt | null {
  if (jumped(self)) return 'clock-jumped';
  if (late(self)) return 'schedule-late';
  return sightDoubt(health, self.referencesVisible);
}

/** Whether nothing can be seen that this prober should see, so that its own network may be what is wrong. */
export function isBlind(health: Record<string, SiteHealth>, referencesVisible: boolean[]): boolean {
  return sightDoubt(health, referencesVisible) !== null;
}

function sightDoubt(health: Record<string, SiteHealth>, referencesVisible: boolean[]): Doubt | null {
  if (Object.values(health).every(isDark)) return 'both-sides-dark';
  return referencesVisible.length > 0 && !referencesVisible.includes(true) ? 'references-dark' : null;
}

const jumped = ({ clockJumpMs }: Pick<SelfCheck, 'clockJumpMs'>) => Math.abs(clockJumpMs) > clockJumpLimitMs;
const late = ({ lateByMs }: Pick<SelfCheck, 'lateByMs'>) => lateByMs > lateLimitMs;

/** The process or its clock stood still or jumped: evidence from before does not count. */
export function isHeldUp(self: Pick<SelfCheck, 'clockJumpMs' | 'lateByMs'>): boolean {
  return jumped(self) || late(self);
}

/** Only a broker that was reached says so: whatever is wrong with it, this prober's network is not. */
const saidByBrokers: readonly FailureClass[] = ['alarm', 'metadata-stalled', 'no-quorum'];

/** Nothing of the site answers, and not only because nobody looked yet. */
function isDark({ nodes }: SiteHealth): boolean {
  return nodes.every(isSilent) && nodes.some(({ state }) => state !== 'unseen');
}

function isSilent({ state, findings }: SiteHealth['nodes'][number]): boolean {
  if (state === 'unseen') return true;
  const answers = findings.some((finding) => saidByBrokers.includes(finding.class));
  return (state === 'failed' || state === 'suspect') && !answers;
}
