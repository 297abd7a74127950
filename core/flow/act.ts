import { activeSide } from '../model/situation.ts';
import type { TargetReading, TargetWrite } from '../model/target.ts';
import { isRecent, type Moment } from './moment.ts';
import { TargetError } from './ports.ts';
import type { Turn } from './turn.ts';

/** What came of writing one target; without `write` it failed, or its outcome is unknown. */
export interface FlipResult {
  target: string;
  write: TargetWrite | null;
  detail: string;
}

/**
 * Drives targets to a site: used by operations and by the repair of drift alike. The caller wrote the record at
 * `provenAt` or later, which proves that it held the current epoch then. Each target is bounded in time, below
 * the lease.
 */
export async function flipTargets(
  turn: Turn,
  ids: string[],
  { site, epoch, provenAt }: { site: string; epoch: number; provenAt: Moment },
): Promise<FlipResult[]> {
  const targets = turn.ports.targets.filter(({ id }) => ids.includes(id));
  return Promise.all(
    targets.map(async (target) => {
      const { id } = target;
      try {
        if (turn.ports.observeOnly()) throw new TargetError('the kill switch is on');
        if (!isRecent(turn.ports.clock, provenAt))
          throw new TargetError('this process was held up, and may not be the one to write any more');
        const reading = await target.flip(site, epoch);
        return { target: id, write: writeOf(turn, reading, site, epoch), detail: reading.detail };
      } catch (error) {
        return { target: id, write: null, detail: error instanceof Error ? error.message : String(error) };
      }
    }),
  );
}

function writeOf(turn: Turn, reading: TargetReading, site: string, epoch: number): TargetWrite | null {
  if (reading.status !== 'read' || reading.active !== site) return null;
  return { site, epoch, instance: reading.instance, atMs: turn.ports.clock.nowMs() };
}

/** Proof from outside: every target says so, and the clients' endpoint, where configured, leads to the right cluster. */
export async function verify(turn: Turn, site: string): Promise<{ proven: boolean; detail: string }> {
  const { pair } = turn.watch;
  const readings = await Promise.all(turn.ports.targets.map((target) => target.read()));
  const active = activeSide(readings);
  if (active !== site) return { proven: false, detail: `the targets say ${active}, not ${site}` };
  if (pair.endpoint === undefined) return { proven: true, detail: 'every target was read back' };
  const answer = await turn.ports.prober.probeEndpoint(pair.endpoint);
  if (answer.status === 'fail') return { proven: false, detail: `through the endpoint: ${answer.detail}` };
  const expected = pair.sites[site]?.clusterName;
  if (expected !== undefined && answer.clusterName !== expected)
    return { proven: false, detail: `the endpoint leads to cluster ${answer.clusterName}, not ${expected}` };
  return { proven: true, detail: `a message went through the endpoint to ${answer.clusterName ?? site}` };
}
