import type { Decision } from '../../core/model/decision.ts';
import type { WarrenEvent } from '../../core/model/event.ts';
import type { Operation } from '../../core/model/operation.ts';

/** What came of a scenario, as far as it must be the same whenever and wherever it is played. */
export interface Course {
  /** Why what was decided was decided, in order, without repeats and without what is only passed through. */
  decisions: string[];
  /** What ended, in order: `failover finished`. */
  operations: string[];
  /** Where traffic is desired in the end; null: nothing is recorded. */
  desired: string | null;
}

/** What must come of a scenario. */
export interface ExpectedCourse extends Course {
  /** Reasons that are among the decisions or are not, in this scenario: a matter of timing. */
  eitherWay?: readonly string[];
}

/**
 * How many turns these take, and whether there is one at all, is a matter of timing: evidence is on its way, or an operation is.
 * None of them does anything.
 */
const passedThrough = ['active-suspect', 'operation-under-way', 'request-waits', 'repair-waits-for-evidence'];

/** Traffic is well where it is: when the other side is seen to be well again is its own matter. */
const resting = ['all-well', 'standby-not-up'];

const isPartly = (reason: string) => reason === 'active-degraded' || reason === 'active-unknown';
const isLost = (reason = '') => /^(active-down|prober-distrusts-itself|blocked-.*)$/.test(reason);

/** The reasons that events tell of. */
export function decisionsIn(events: readonly WarrenEvent[]): string[] {
  const reasons = events.flatMap(({ kind, data }) =>
    kind === 'decision' ? [(data.decision as Decision | undefined)?.reason ?? ''] : [],
  );
  const lasting = reasons.filter((reason) => !passedThrough.includes(reason));
  // The nodes of a side that is lost do not fall in one moment: for a turn, some of them still serve, or cannot be judged.
  const isOnTheWayDown = (reason: string, index: number) =>
    isPartly(reason) && isLost(lasting.slice(index).find((later) => !isPartly(later)));
  const settled = lasting.filter((reason, index) => !isOnTheWayDown(reason, index));
  return settled.filter((reason, index) => reason !== settled[index - 1] && !resting.includes(reason));
}

/** Operations as a store lists them, newest first. */
export function operationsIn(operations: readonly Operation[]): string[] {
  return operations
    .filter(({ phase }) => phase === 'finished' || phase === 'aborted')
    .map(({ verb, phase }) => `${verb} ${phase}`)
    .toReversed();
}

/** What is not as it must be, one sentence each; empty: nothing. */
export function deviationsFrom(expected: ExpectedCourse, course: Course): string[] {
  const decisions = course.decisions.filter((reason) => !expected.eitherWay?.includes(reason));
  const compare = (what: string, is: string[], wanted: string[]) =>
    is.join() === wanted.join()
      ? []
      : [`${what}: ${is.join(', ') || 'nothing'}; expected: ${wanted.join(', ') || 'nothing'}`];
  return [
    ...compare('decided', decisions, expected.decisions),
    ...compare('ended', course.operations, expected.operations),
    ...compare('desired', [String(course.desired)], [String(expected.desired)]),
  ];
}
