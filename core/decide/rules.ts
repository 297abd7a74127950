import type { GuardName, GuardVerdict, Outcome, Severity } from '../model/decision.ts';
import { isRefusing } from '../model/fence.ts';
import { isForgotten } from '../model/record.ts';
import { deviatingReadings, healthOf, otherSite, type Situation, wasRestarted } from '../model/situation.ts';
import type { TargetReading } from '../model/target.ts';
import { guardsOf } from './guards.ts';

/** What the rows look at: the situation, where traffic is, and what each guard says of moving it away by itself. */
export interface Case {
  situation: Situation;
  active: string;
  guards: GuardVerdict[];
  /** What the guards say to a person's request whose time has come; null: there is none. */
  requested: GuardVerdict[] | null;
}

/**
 * One row: a condition in code and in words, and what follows from it. `reason` is stable: history, alarms and scripts
 * refer to it. The sentence of each reason is in core/explain/decision.ts.
 */
export interface Rule {
  reason: string;
  when: (facts: Case) => boolean;
  /** The condition as a reader of docs/states.md sees it. */
  words: string;
  outcome: Outcome;
  severity: Severity;
  /** It is about what a person asked for. */
  asks?: true;
}

const isSite = ({ situation, active }: Case) => Object.hasOwn(situation.pair.sites, active);
const activeIs =
  (...states: string[]) =>
  ({ situation, active }: Case) =>
    states.includes(healthOf(situation, active));
const standbyIs = ({ situation, active }: Case, state: string) =>
  healthOf(situation, otherSite(situation.pair, active)) === state;
const deviates = ({ situation, active }: Case) => active !== situation.record.desired;
const restarted = (facts: Case) =>
  deviates(facts) && deviatingReadings(facts.situation).every((reading) => wasRestarted(facts.situation, reading));
const paused = ({ situation }: Case) => situation.record.pause !== null || situation.fleetPause !== null;
/** The decided side is well, and lets applications in: our own fence leaves it by itself, anybody else's limits do not. */
const desiredServes = ({ situation: { record, health, fences } }: Case) => {
  const desired = record.desired ?? '';
  const reading = fences[desired];
  const isShut = reading !== undefined && isRefusing(reading) && !record.fences[desired];
  return ['up', 'degraded'].includes(health[desired]?.state ?? 'unknown') && !isShut;
};
const adoptAsked = ({ situation: { record }, active }: Case) =>
  record.driftAnswer?.choice === 'adopt' && record.driftAnswer.site === active;
const restoreAsked = ({ situation }: Case) => situation.record.driftAnswer?.choice === 'restore';
const requestIs = ({ requested }: Case, verdict: GuardVerdict['verdict']) =>
  requested?.some((guard) => guard.verdict === verdict) === true;
const isSuperseded = ({ situation: { record }, requested }: Case) =>
  requested !== null && record.request?.supersedes === record.operation?.epoch;

const isMarkerUnread = (reading: TargetReading) => reading.status === 'read' && reading.markerUnread !== undefined;
const desiredIsDown = ({ situation }: Case) => healthOf(situation, situation.record.desired ?? '') === 'down';
const guardFails = (facts: Case, guard: GuardName) =>
  facts.guards.some((result) => result.guard === guard && result.verdict !== 'pass');

/**
 * The table: read from the top, the first row whose condition holds decides. The order is the argument: what is under
 * way first, then what traffic does, then what the sites look like. Below `foreign-edit`, traffic is where it should be.
 */
export const rules: readonly Rule[] = [
  row(
    'store-unavailable',
    'hold',
    'critical',
    'the store cannot be read or written',
    ({ situation }) => situation.storeProblem !== null,
  ),
  row(
    'operation-stalled',
    'hold',
    'critical',
    'an operation used up its attempts, and nobody asked for another one in its place',
    (facts) => facts.situation.record.operation?.phase === 'stalled' && !isSuperseded(facts),
  ),
  row(
    'operation-under-way',
    'advance',
    'info',
    'an operation is under way',
    (facts) => facts.situation.record.operation !== null && !isSuperseded(facts),
  ),
  ...requestRows(
    ['supersede-refused', 'supersede-waits', 'superseding'],
    'an operation instead of the stalled one',
    isSuperseded,
  ),
  row('targets-unreadable', 'hold', 'critical', 'a target cannot be read', ({ active }) => active === 'unknown'),
  row(
    'adopt-by-person',
    'adopt',
    'info',
    'a person chose to adopt what the targets say, and they still say it',
    (facts) => isSite(facts) && adoptAsked(facts),
  ),
  row(
    'marker-unread',
    'hold',
    'critical',
    'nothing is recorded yet, and whether a target was ever written cannot be read',
    ({ situation }) => situation.record.desired === null && situation.readings.some(isMarkerUnread),
  ),
  row(
    'store-lost',
    'adopt',
    'critical',
    'the store has lost the record of the pair or has an old one, and the targets agree on one site',
    (facts) => isForgotten(facts.situation.record) && isSite(facts),
  ),
  row(
    'first-look',
    'adopt',
    'info',
    'nothing is recorded yet, and the targets agree on one site',
    (facts) => facts.situation.record.desired === null && isSite(facts),
  ),
  row(
    'first-look-split',
    'hold',
    'critical',
    'nothing is recorded yet, and the targets do not agree on one site',
    (facts) => facts.situation.record.desired === null,
  ),
  row(
    'repair-paused',
    'hold',
    'warning',
    'targets deviate from what was decided, and the pair is paused',
    (facts) => deviates(facts) && paused(facts),
  ),
  row(
    'repair-onto-dead-side',
    'hold',
    'critical',
    'targets deviate from what was decided, and the decided side is down',
    (facts) => deviates(facts) && desiredIsDown(facts),
  ),
  row(
    'target-restarted',
    'repair',
    'warning',
    'every deviating target was restarted since it was last written, and the decided side serves',
    (facts) => restarted(facts) && desiredServes(facts),
  ),
  row(
    'restore-by-person',
    'repair',
    'info',
    'a person chose to restore what was decided, and it serves or is what the targets say',
    (facts) => restoreAsked(facts) && (desiredServes(facts) || !deviates(facts)),
  ),
  row(
    'repair-waits-for-evidence',
    'hold',
    'warning',
    'targets would be set back, but the decided side has not been seen to serve and to let applications in',
    (facts) => restarted(facts) || restoreAsked(facts),
  ),
  row('foreign-edit', 'hold', 'critical', 'someone else changed a target', deviates),
  ...requestRows(['request-refused', 'request-waits', 'requested'], 'an operation', () => true),
  row(
    'prober-distrusts-itself',
    'hold',
    'critical',
    'the active side looks bad, and this prober has reason to doubt itself',
    (facts) => facts.situation.doubt !== null && activeIs('down', 'suspect', 'unknown')(facts),
  ),
  ...guardsOf('automatic').map((guard) =>
    row(
      `blocked-${guard}`,
      'blocked',
      'critical',
      `the active side is down, and the guard \`${guard}\` does not pass`,
      (facts) => activeIs('down')(facts) && guardFails(facts, guard),
    ),
  ),
  row('active-down', 'failover', 'critical', 'the active side is down, and every guard passes', activeIs('down')),
  row('active-suspect', 'hold', 'info', 'the active side is suspect', activeIs('suspect')),
  row('active-unknown', 'hold', 'warning', 'the active side cannot be judged', activeIs('unknown')),
  row('active-degraded', 'hold', 'warning', 'the active side serves, but not all is well', activeIs('degraded')),
  row(
    'latched',
    'hold',
    'info',
    'the active side is up, and an automatic failover waits to be acknowledged',
    ({ situation }) => situation.record.latch !== null,
  ),
  row(
    'standby-not-up',
    'hold',
    'warning',
    'the active side is up, and the standby is not',
    (facts) => !standbyIs(facts, 'up'),
  ),
  row('all-well', 'hold', 'info', 'both sides are up', () => true),
];

function row(reason: string, outcome: Outcome, severity: Severity, words: string, when: Rule['when']): Rule {
  return { reason, outcome, severity, words, when };
}

/** What becomes of a person's request: it is refused, waits for evidence, or is done. */
function requestRows([refused, waits, granted]: [string, string, string], what: string, when: Rule['when']): Rule[] {
  const about = (reason: string, outcome: Outcome, severity: Severity, words: string, holds: Rule['when']): Rule => ({
    ...row(
      reason,
      outcome,
      severity,
      `a person asked for ${what}, and ${words}`,
      (facts) => when(facts) && holds(facts),
    ),
    asks: true,
  });
  return [
    about(refused, 'refuse', 'warning', 'a guard that was not overridden fails', (facts) => requestIs(facts, 'fail')),
    about(waits, 'hold', 'info', 'evidence is still being gathered', (facts) => requestIs(facts, 'unknown')),
    about(
      granted,
      'failover',
      'critical',
      'every guard that was not overridden passes',
      (facts) => facts.requested !== null,
    ),
  ];
}
