import type { FailoverPolicy, Pair } from '../model/config.ts';
import type { DecisionRow } from '../model/decision.ts';
import type { HealthState } from '../model/health.ts';
import type { PairRecord } from '../model/record.ts';
import type { TargetReading } from '../model/target.ts';
import { operationSentence } from './operation.ts';
import { list, plural, span } from './words.ts';

/** What the last tick made of one site. `sinceMs` is wall-clock; null: not known. */
export interface SiteStatus {
  site: string;
  role: 'primary' | 'standby';
  state: HealthState;
  sinceMs: number | null;
  sentence: string;
}

/** Why traffic would not move by itself if the active side went down now. */
export type Unprotected =
  | 'never-watched'
  | 'not-watched-now'
  | 'operation'
  | 'targets'
  | 'kill-switch'
  | 'mode'
  | 'votes'
  | 'guards';

/** Where one pair stands: what the store remembers and what the targets say. Times are wall-clock milliseconds. */
export interface PairStatus {
  pair: string;
  atMs: number;
  mode: FailoverPolicy['mode'];
  /** Where the targets send traffic: a site, `split`, `none` or `unknown`. */
  active: string;
  readings: TargetReading[];
  record: PairRecord;
  sites: SiteStatus[];
  decision: DecisionRow | null;
  lastTickAtMs: number | null;
  protection: { protected: boolean; because: Unprotected | null; sentence: string };
}

/** What the sentence about protection is made of. */
export interface ProtectionFacts {
  because: Unprotected | null;
  active: string;
  standby: string;
  record: PairRecord;
  mode: FailoverPolicy['mode'];
  quietForMs: number;
  /** Sentences of the guards that do not pass. */
  against: string[];
}

/** Whether traffic would move if the active side went down now, and if not, why. */
export function protectionSentence(facts: ProtectionFacts): string {
  if (facts.because === null) return `Protected: if ${facts.active} goes down, traffic moves to ${facts.standby}.`;
  return `Not protected: ${reasons[facts.because](facts)}`;
}

const reasons: Record<Unprotected, (facts: ProtectionFacts) => string> = {
  'never-watched': ({ record }) => `nothing has watched ${record.pair} yet. Is \`warren run\` running?`,
  'not-watched-now': ({ record, quietForMs }) =>
    `nothing has watched ${record.pair} for ${span(quietForMs)}. Is \`warren run\` running, and can it write its store?`,
  operation: ({ record }) =>
    record.operation ? lower(operationSentence(record.operation)) : 'an operation is under way.',
  targets: ({ active, record }) => lower(trafficSentence(active, record.desired)),
  'kill-switch': () => 'the kill switch is on, so nothing is moved.',
  mode: ({ mode }) =>
    mode === 'observe'
      ? 'the mode is observe, so Warren says what it would do and moves nothing.'
      : 'the mode is approve, so a person must agree to each move.',
  votes: ({ against }) => lower(list(against)),
  guards: ({ against }) => lower(against.join(' ')),
};

/** Where traffic goes, beside where it should. */
export function trafficSentence(active: string, desired: string | null): string {
  const where = whereSentences[active] ?? `Traffic goes to ${active}`;
  if (active === desired) return `${where}.`;
  return `${where}, and ${desired === null ? 'nothing is decided yet' : `${desired} was decided`}.`;
}

const whereSentences: Record<string, string> = {
  split: 'Traffic goes to both sites',
  none: 'Traffic goes to no site',
  unknown: 'Where traffic goes cannot be read',
};

const lower = (sentence: string) => sentence.charAt(0).toLowerCase() + sentence.slice(1);

/** What the service says of a pair when it starts to watch it. */
export function watchingSentence(pair: Pair, vantage: string, store: string): string {
  const { name, primary, standby, sites, failover } = pair;
  const site = (role: string, siteName: string) =>
    `${siteName} (${role}, ${plural(sites[siteName]?.nodes.length ?? 0, 'node')})`;
  return (
    `Watching ${name} as ${vantage}: ${site('primary', primary)} and ${site('standby', standby)}; mode ${failover.mode}, ` +
    `quorum ${failover.quorum}, store ${store}.${modeHint(pair)}`
  );
}

function modeHint({ failover: { mode, quorum }, vantages }: Pair): string {
  if (mode === 'observe') return ' It says what it would do, and moves nothing.';
  if (vantages.length > 1) return ` The votes of ${list(vantages.map(({ name }) => name))} count.`;
  if (mode === 'approve' || quorum === 1) return '';
  return ' One observer alone moves traffic only with an explicit `quorum: 1`, so nothing will be moved.';
}

/** What is said when the kill switch is switched. */
export function killSwitchSentence(on: boolean): string {
  return on ? 'The kill switch is on: nothing is acted on.' : 'The kill switch is off again.';
}
