import type { Operation } from '../../core/model/operation.ts';
import type { PairRecord } from '../../core/model/record.ts';

/** Fills in what an older release did not write, so that a pair which it left in the middle of a move goes on. */
export function completedPair(record: PairRecord): PairRecord {
  const { operation, request, latch } = record;
  return {
    ...record,
    operation: operation && completedOperation(operation),
    request: request && { ...laterRequestFields, ...request },
    latch: latch && { ...laterLatchFields, ...latch },
  };
}

/** Fills in what an older release did not write. */
export function completedOperation(operation: Operation): Operation {
  return { ...laterOperationFields, ...operation };
}

const laterRequestFields = { verb: 'failover', notBeforeMs: 0, supersedes: null } as const;
const laterLatchFields = { because: 'failover' } as const;
const laterOperationFields = { supersedes: null, guards: [], cancelled: null, surveys: [] };
