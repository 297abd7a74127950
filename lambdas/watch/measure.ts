import type { PairStatus } from '../../core/explain/status.ts';
import { metrics, troubles } from '../shared/contract.ts';
import type { Tally } from './tally.ts';

/** Values by name of metric. */
export type Measured = Partial<Record<(typeof metrics.names)[keyof typeof metrics.names], number>>;

/** The metrics of one pair. @param status undefined: it cannot be read, so nothing would be moved either */
export function measured(tally: Tally, status: PairStatus | undefined): Measured {
  const { names } = metrics;
  const daysLeft = tally.certificateDaysLeft();
  return {
    [names.ticks]: tally.ticks(),
    [names.protected]: status?.protection.protected ? 1 : 0,
    ...(status && { [names.trouble]: troubleOf(status) }),
    ...(daysLeft !== null && { [names.certificateDaysLeft]: daysLeft }),
  };
}

/** The digits of the metric `Trouble`. */
export function troubleOf({ active, sites, decision, record }: PairStatus): number {
  const { operation } = record;
  const isStalled = operation?.phase === 'stalled';
  const digits: Record<keyof typeof troubles, boolean> = {
    activeDown: sites.some(({ site, state }) => site === active && state === 'down'),
    decisionBlocked: decision?.decision.outcome === 'blocked',
    operationStalled: isStalled,
    // While an operation goes on, its fence belongs where it is.
    fenceLeft: (operation === null || isStalled) && Object.values(record.fences).some(isLeft),
  };
  const weights = Object.entries(troubles) as [keyof typeof troubles, number][];
  return weights.reduce((sum, [name, weight]) => sum + (digits[name] ? weight : 0), 0);
}

const isLeft = ({ state }: PairStatus['record']['fences'][string]) => state !== 'released';
