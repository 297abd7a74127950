import { afterAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createMemoryStore } from '../../../adapters/memory/store.ts';
import { openSqliteStore } from '../../../adapters/sqlite/store.ts';
import type { Store } from '../../../core/flow/ports.ts';
import type { Decision } from '../../../core/model/decision.ts';
import { holdsForAll } from '../../support/property.ts';
import { createFolder } from '../sqlite/place.ts';

/** What several vantages decided, turn after turn. */
const anyTurns = fc.array(
  fc.record({
    vantage: fc.constantFrom('one', 'two'),
    reason: fc.constantFrom('all-well', 'active-suspect', 'blocked-quorum'),
    from: fc.constantFrom('beijing', 'shanghai'),
    afterMs: fc.integer({ min: 0, max: 5_000 }),
  }),
  { maxLength: 15 },
);
type Turn = typeof anyTurns extends fc.Arbitrary<(infer Value)[]> ? Value : never;

function decisionOf({ reason, from }: Turn): Decision {
  return { outcome: 'hold', reason, severity: 'info', sentence: reason, from, to: null, guards: [] };
}

const { file, remove } = createFolder();
const sqlite = openSqliteStore(file);
afterAll(async () => {
  await sqlite.close();
  remove();
});

let pairs = 0;

describe.each<[string, () => Store]>([
  ['memory', createMemoryStore],
  ['SQLite', () => sqlite],
])('decisions rolled up in %s', (_, open) => {
  test('count every turn once, in one row per change, that never overlap', async () => {
    await holdsForAll([anyTurns], async (turns) => {
      const store = open();
      const pair = `pair-${++pairs}`;
      let atMs = Date.UTC(2026, 0, 1);
      const recorded = turns.map((turn) => {
        atMs += turn.afterMs;
        return { turn, atMs };
      });
      for (const { turn, atMs: momentMs } of recorded) {
        const decision = decisionOf(turn);
        const row = { pair, vantage: turn.vantage, atMs: momentMs, decision, health: [], fences: [] };
        await store.recordDecision(row);
      }
      const rows = await store.listDecisions(pair, { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER, limit: 1_000 });
      for (const vantage of ['one', 'two']) {
        const own = recorded.filter(({ turn }) => turn.vantage === vantage);
        const changes = own.filter(({ turn }, index) => index === 0 || differs(turn, own[index - 1]?.turn));
        const kept = rows.filter((row) => row.vantage === vantage).toReversed();
        expect(kept.map(({ decision }) => decision)).toEqual(changes.map(({ turn }) => decisionOf(turn)));
        expect(kept.map(({ fromMs }) => fromMs)).toEqual(changes.map(({ atMs: beganMs }) => beganMs));
        expect(kept.reduce((sum, { count }) => sum + count, 0)).toBe(own.length);
        for (const [index, row] of kept.entries()) {
          expect(row.toMs).toBeGreaterThanOrEqual(row.fromMs);
          expect(row.toMs).toBeLessThanOrEqual(kept[index + 1]?.fromMs ?? Number.POSITIVE_INFINITY);
        }
      }
    });
  }, 30_000);
});

const differs = (turn: Turn, before: Turn | undefined) => turn.reason !== before?.reason || turn.from !== before.from;
