import { describe, expect, test } from '@jest/globals';
import { type Event, readables } from '../../bench/simulation/events.ts';
import { runTrace } from '../../bench/simulation/run.ts';
import type { Trace } from '../../bench/simulation/trace.ts';
import { broken, lost, story } from './support.ts';

const isLost: Event = { ...lost, forMs: 300_000, atMs: 20_000 };
const local = { vantage: 'local' } as const;
const lasting = (trace: Trace, lengthMs: number): Trace => ({ ...trace, lengthMs });
const inRuns = (trace: Trace): Trace => ({ ...trace, runs: 'short' });

/** When a process of the vantage starts again, as the transcript says, in seconds. */
const linesOf = (transcript: string[], words: string) =>
  transcript.filter((line) => line.includes(words)).map((line) => Number.parseFloat(line));

describe('a single read', () => {
  test.each(readables.flatMap((what) => [[what, null] as const, [what, 3_000] as const]))(
    'of %s that fails, or is late by %p ms, breaks no promise and keeps nothing from moving',
    async (what, lateMs) => {
      const isSighted = ({ config }: Trace) => (config.pairs[0]?.reference.length ?? 0) > 0;
      const reads = [1, 2, 3].map(
        (nth): Event => ({ kind: 'read-fails', ...local, what, lateMs, nth, atMs: 19_000 + 500 * nth }),
      );
      const { violations, moves } = await runTrace(story([...reads, isLost], isSighted));
      expect(violations).toEqual([]);
      // A look that fails right after a claim ends that, and the next one moves traffic.
      expect(moves.filter(({ committedAtMs }) => committedAtMs !== null)).toHaveLength(1);
    },
  );

  test('happens once', async () => {
    const fails: Event = { kind: 'read-fails', ...local, what: 'readPair', lateMs: null, nth: 1, atMs: 30_000 };
    const { transcript } = await runTrace(story([fails]));
    expect(transcript.filter((line) => line.includes('one read failed'))).toHaveLength(1);
  });
});

describe('a vantage that is dead for minutes', () => {
  const dead: Event = { kind: 'dead', ...local, forMs: 120_000, atMs: 10_000 };

  test('says and does nothing until it is back, and then what is due', async () => {
    const { violations, moves, transcript } = await runTrace(lasting(story([dead, isLost]), 200_000));
    expect(violations).toEqual([]);
    expect(linesOf(transcript, 'local starts again')).toEqual([130]);
    expect(moves).toHaveLength(1);
    expect(moves[0]?.claimedAtMs).toBeGreaterThan(130_000);
  });

  test('is not started by its schedule either', async () => {
    const { violations, moves } = await runTrace(inRuns(lasting(story([dead, isLost]), 200_000)));
    expect(violations).toEqual([]);
    expect(moves[0]?.claimedAtMs).toBeGreaterThan(130_000);
  });
});

describe('scheduled runs', () => {
  test('that are missed leave a lost side alone until the next one', async () => {
    const missed: Event = { kind: 'runs-missed', ...local, forMs: 180_000, atMs: 1_000 };
    const late: Event = { ...isLost, atMs: 70_000 };
    const { violations, moves } = await runTrace(inRuns(lasting(story([missed, late]), 320_000)));
    expect(violations).toEqual([]);
    expect(moves).toHaveLength(1);
    expect(moves[0]?.claimedAtMs).toBeGreaterThan(181_000);
  });

  test('that are doubled move traffic once', async () => {
    const doubled: Event = { kind: 'runs-doubled', ...local, forMs: 120_000, atMs: 1_000 };
    const trace = inRuns(lasting(story([doubled, { ...isLost, atMs: 90_000 }]), 150_000));
    const { moves, transcript } = await runTrace(trace);
    expect(moves).toHaveLength(1);
    expect(transcript.some((line) => line.includes('local process-3'))).toBe(true);
    expect(await broken(trace)).toEqual([]);
  });
});
