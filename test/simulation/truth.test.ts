import { describe, expect, test } from '@jest/globals';
import { createVirtualClock } from '../../adapters/memory/clock.ts';
import { createCooldownLedger } from '../../bench/simulation/cooldown.ts';
import type { Event } from '../../bench/simulation/events.ts';
import { newHost } from '../../bench/simulation/process.ts';
import { runTrace } from '../../bench/simulation/run.ts';
import type { Trace } from '../../bench/simulation/trace.ts';
import type { Mutation } from '../../bench/simulation/world.ts';
import type { Operation } from '../../core/model/operation.ts';
import { newPairRecord } from '../../core/model/record.ts';
import { broken, hasFence, lost, standbyNodes, storing, story } from './support.ts';

const isLost: Event = { ...lost, forMs: 60_000, atMs: 20_000 };
const person = { kind: 'person', pair: 'demo', site: 'beijing', forMs: 60_000 } as const;
const hasOneTarget = ({ config }: Trace) => config.pairs[0]?.targets.length === 1;

describe('a cooldown: the judge notices', () => {
  const operation = { id: 'demo-2', phase: 'finished' } as Operation;
  const before = { ...newPairRecord('demo'), operation };
  const after = { ...newPairRecord('demo'), ended: [operation] };
  const ledgerOf = (...offsetsMs: number[]) => {
    const hosts = new Map(offsetsMs.map((ms, index) => [`vantage-${index}`, newHost({ wallOffsetMs: ms })]));
    const ledger = createCooldownLedger(60_000, createVirtualClock(), hosts);
    ledger.onRecord(before, after, false);
    return ledger;
  };

  test('a move during it, whatever the record says', () => {
    expect(ledgerOf(0).check()).toHaveLength(1);
    expect(ledgerOf(0, 3_600_000).check()).toEqual([]);
  });

  test('nothing once a person has looked', () => {
    const ledger = ledgerOf(0);
    ledger.onRecord({ ...after, cooldownUntilMs: 1 }, after, true);
    expect(ledger.check()).toEqual([]);
  });
});

describe('what is set back: the judge notices', () => {
  const edited: Event = { kind: 'target-edited', target: 'demo-haproxy', active: 'shanghai', atMs: 40_000 };

  /** Believes that somebody asked for it, and does not write that down. */
  const undoes: Mutation = {
    store: (inner) => ({
      ...inner,
      async readPair(pair) {
        const record = await inner.readPair(pair);
        const driftAnswer = { who: 'nobody', reason: 'a test', atMs: 0, choice: 'restore' } as const;
        return record && { ...record, driftAnswer };
      },
      async writePair(record) {
        const { version } = await inner.writePair({ ...record, driftAnswer: null });
        return { ...record, version };
      },
    }),
  };

  test('a foreign edit that is undone although nobody asked', async () => {
    const trace = story([edited], hasOneTarget);
    expect(await broken(trace, undoes)).toContain('foreign-edits-wait');
    expect(await broken(trace)).toEqual([]);
  });

  test('nothing, where a person asked', async () => {
    const asked: Event = { ...person, act: 'restore', atMs: 100_000 };
    expect(await broken(story([edited, asked], hasOneTarget))).toEqual([]);
  });
});

describe('what is said of a fence: the judge notices', () => {
  test('one that is called set and is not', async () => {
    const boasts = storing((record) => ({
      ...record,
      fences: Object.fromEntries(
        Object.entries(record.fences).map(([site, fence]) => [site, { ...fence, state: 'set' }]),
      ),
    }));
    expect(await broken(story([{ ...isLost, class: 'hung' }], hasFence), boasts)).toContain('fence-is-real');
    expect(await broken(story([{ ...isLost, class: 'hung' }], hasFence))).toEqual([]);
  });
});

describe('where a person moves traffic: the judge notices', () => {
  test('a side that is not ready, though nobody overrode that', async () => {
    const bad: Event = { ...lost, site: 'shanghai', nodes: standbyNodes, forMs: 90_000, atMs: 5_000 };
    const moved: Event = { ...person, act: 'failover-overridden', atMs: 40_000 };
    const forgets = storing((record) =>
      record.operation
        ? { ...record, operation: { ...record.operation, overrides: ['quorum', 'self-trust'] } }
        : record,
    );
    expect(await broken(story([bad, moved]), forgets)).toContain('never-to-a-worse-place');
    expect(await broken(story([bad, moved]))).toEqual([]);
  });
});

describe('a failover', () => {
  const leftBy = async (...events: Event[]) => (await runTrace(story(events))).moves.map(({ left }) => left);

  test('is false where only the vantages could not reach the side', async () => {
    expect(await leftBy(isLost)).toEqual(['lost']);
    expect(await leftBy({ ...isLost, seenBy: ['local'] })).toEqual(['serving']);
  });
});
