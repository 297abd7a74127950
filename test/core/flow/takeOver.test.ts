import { describe, expect, test } from '@jest/globals';
import { emptyMemory } from '../../../core/flow/memory.ts';
import { mayTakeOver } from '../../../core/flow/operation.ts';
import type { Turn } from '../../../core/flow/turn.ts';
import type { Pair } from '../../../core/model/config.ts';
import type { Operation, SiteSurvey } from '../../../core/model/operation.ts';
import { newPairRecord } from '../../../core/model/record.ts';
import { testConfig } from '../../support/world.ts';

const [pair] = testConfig().pairs as [Pair];
const counted: SiteSurvey = { site: 'beijing', connections: null, messages: null, queues: [], atMs: 0 };

/** Whether process two may take over from process one, which wrote last so long ago. */
function mayTakeOverAfter(silentMs: number, operation: Partial<Operation>): boolean {
  const record = { ...newPairRecord('demo'), version: 7, operation: { holder: 'one', surveys: [], ...operation } };
  const memory = { ...emptyMemory(pair, 0), seenVersion: { version: 7, sinceMs: 0 } };
  const clock = { monotonicMs: () => silentMs };
  return mayTakeOver({ memory, ports: { clock }, watch: { holder: 'two' } } as unknown as Turn, record as never);
}

describe('an operation of another process', () => {
  test('may be taken over once that has written nothing for a lease time', () => {
    expect(mayTakeOverAfter(4_900, {})).toBe(false);
    expect(mayTakeOverAfter(5_100, {})).toBe(true);
  });

  test('is left to it while it waits to count connections once more', () => {
    expect(mayTakeOverAfter(7_000, { surveys: [counted] })).toBe(false);
    expect(mayTakeOverAfter(10_100, { surveys: [counted] })).toBe(true);
  });
});
