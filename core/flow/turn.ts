import type { Severity } from '../model/decision.ts';
import type { WarrenEvent } from '../model/event.ts';
import type { Operation } from '../model/operation.ts';
import type { PairRecord } from '../model/record.ts';
import type { Situation } from '../model/situation.ts';
import type { FenceDesk } from './fenceDesk.ts';
import type { Memory } from './memory.ts';
import type { Ports, Watch } from './ports.ts';

/** One turn of the loop while it acts: the ports, and fresh evidence on request. */
export interface Turn {
  ports: Ports;
  watch: Watch;
  memory: Memory;
  fences: FenceDesk;
  /** The situation around this record, after probing both sides anew where needed, and reading targets and store. */
  freshSituation(record: PairRecord, operation: Operation): Promise<Situation>;
}

/** Tells people, in the pair's name. */
export function tell(
  { ports, watch }: Pick<Turn, 'ports' | 'watch'>,
  kind: WarrenEvent['kind'],
  severity: Severity,
  sentence: string,
  data: Record<string, unknown> = {},
): void {
  ports.notifier.notify({ atMs: ports.clock.nowMs(), pair: watch.pair.name, kind, severity, sentence, data });
}
