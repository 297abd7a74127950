import { describe, expect, test } from '@jest/globals';
import type { Page, PageQuery } from '../../../../core/flow/control/control.ts';
import { readAll } from '../../../../core/flow/control/pages.ts';
import type { HealthTransition } from '../../../../core/flow/ports.ts';
import type { HealthState } from '../../../../core/model/health.ts';
import { operation } from '../../../support/situation.ts';
import { alice, createDesk, drill, everything, minuteMs, refusalOf, request, wanted, why } from './desk.ts';

function transition(atMs: number, change: Partial<HealthTransition> = {}): HealthTransition {
  return { pair: 'demo', vantage: 'local', site: 'beijing', atMs, from: null, to: 'up', sentence: '', ...change };
}

/** Every page of two rows, as lists of what `name` says of a row. */
async function pagesOf<T>(read: (query: PageQuery) => Promise<Page<T>>, name: (row: T) => string): Promise<string[][]> {
  const pages: string[][] = [];
  let cursor: string | undefined;
  do {
    const page = await read({ ...everything, limit: 2, cursor });
    pages.push(page.items.map(name));
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined && pages.length < 10);
  return pages;
}

describe('pages', () => {
  test('of many rows of one moment repeat none and leave none out', async () => {
    const { control, store } = await createDesk();
    for (const [index, atMs] of [1, 2, 2, 2, 2, 3].entries())
      await store.recordTransition(transition(atMs, { sentence: String(index) }));
    const pages = await pagesOf(
      (query) => control.transitions('demo', query),
      ({ sentence }) => sentence,
    );
    expect(pages).toEqual([
      ['5', '4'],
      ['3', '2'],
      ['1', '0'],
    ]);
  });

  test('of decisions that last repeat none either', async () => {
    const { control, store } = await createDesk({ watchedAgoMs: null });
    const row = { pair: 'demo', health: [], fences: [] };
    const words = { outcome: 'hold', severity: 'info', sentence: '', from: null, to: null } as const;
    for (const [vantage, reason, atMs] of [
      ['host', 'a', 1],
      ['witness', 'b', 2],
      ['host', 'a', 9],
      ['witness', 'b', 8],
      ['witness', 'c', 10],
      ['host', 'd', 11],
    ] as const)
      await store.recordDecision({ ...row, vantage, atMs, decision: { ...words, reason, guards: [] } });
    const pages = await pagesOf(
      (query) => control.decisions('demo', query),
      ({ decision }) => decision.reason,
    );
    expect(pages).toEqual([
      ['d', 'c'],
      ['a', 'b'],
    ]);
  });

  test('of operations have the one under way once, though it may be kept already', async () => {
    const at = (id: string, claimedAtMs: number) => {
      const ended = operation('finished');
      return { ...ended, id, timeline: { ...ended.timeline, claimedAtMs } };
    };
    const underWay = { ...at('c', 30), phase: 'committed' as const };
    const { control, store } = await createDesk({ record: { operation: underWay } });
    for (const each of [at('a', 10), at('b', 20), at('c', 30), at('d', 40)]) await store.saveOperation(each);
    expect(
      await pagesOf(
        (query) => control.operations('demo', query),
        ({ id, phase }) => `${id} ${phase}`,
      ),
    ).toEqual([
      ['d finished', 'c committed'],
      ['b finished', 'a finished'],
    ]);
  });

  test('of acts are of one pair, or of what concerns all', async () => {
    const { control, nowMs } = await createDesk();
    await control.pause(alice, 'demo', { ...why(), untilMs: nowMs + minuteMs });
    await control.pause(alice, null, { ...why(), untilMs: nowMs + minuteMs });
    expect((await control.acts('demo', everything)).items).toHaveLength(1);
    expect((await control.acts(null, everything)).items).toMatchObject([{ pair: '', verb: 'pause' }]);
  });

  test('can be read to the end, or up to a number of rows', async () => {
    const { control, store } = await createDesk();
    for (let atMs = 1; atMs <= 30; atMs++) await store.recordTransition(transition(atMs));
    const read = (query: PageQuery) => control.transitions('demo', { ...query, limit: Math.min(query.limit, 7) });
    expect(await readAll(everything, 1_000, read)).toHaveLength(30);
    expect((await readAll(everything, 10, read)).map(({ atMs }) => atMs)).toEqual([
      30, 29, 28, 27, 26, 25, 24, 23, 22, 21,
    ]);
  });

  test.each(['x', '', btoa('[1]'), btoa('[1,-1]'), btoa('[1,1e9]'), btoa('{}'), btoa('null')])(
    'do not begin at the cursor "%s"',
    async (cursor) => {
      const { control } = await createDesk();
      expect((await refusalOf(control.transitions('demo', { ...everything, cursor }))).name).toBe('bad-cursor');
    },
  );

  test('are refused for an unknown pair, and for a range that ends before it begins', async () => {
    const { control } = await createDesk();
    for (const read of [control.decisions, control.transitions, control.operations, control.acts]) {
      expect((await refusalOf(read('dmeo', everything))).name).toBe('unknown-pair');
      expect((await refusalOf(read('demo', { ...everything, fromMs: 2, toMs: 1 }))).name).toBe('bad-time');
    }
    expect((await refusalOf(control.status('dmeo'))).name).toBe('unknown-pair');
  });
});

describe('an operation is found', () => {
  test('while it waits, while it is under way, and when it has ended', async () => {
    const { control, store, stored } = await createDesk();
    const { id, notBeforeMs } = await control.operate(alice, 'demo', wanted());
    expect(await control.operation(id)).toEqual({
      state: 'waiting',
      notBeforeMs,
      sentence: 'alice asked for a switchover from beijing to shanghai, not before 2026-01-01 00:00:00Z: new disks.',
    });
    const underWay = { ...operation('claimed'), id };
    await store.writePair({ ...(await stored()), request: null, operation: underWay });
    expect(await control.operation(id)).toMatchObject({ state: 'under-way', operation: underWay });
    await store.saveOperation({ ...underWay, phase: 'aborted', outcome: 'It was aborted.' });
    expect(await control.operation(id)).toMatchObject({ state: 'under-way' });
    await store.writePair({ ...(await stored()), operation: null });
    expect(await control.operation(id)).toMatchObject({ state: 'ended', sentence: 'It was aborted.' });
  });

  test('as a drill, and as the switchover that is part of it', async () => {
    const first = request({ id: 'demo-drill-1' });
    const { control } = await createDesk({ record: { drill: drill(), request: first } });
    expect(await control.operation('demo-drill')).toMatchObject({ state: 'drill', drill: { phase: 'there' } });
    expect(await control.operation('demo-drill-1')).toMatchObject({ state: 'waiting' });
  });

  test('or is unknown', async () => {
    const { control } = await createDesk();
    expect((await refusalOf(control.operation('demo-9'))).name).toBe('unknown-operation');
  });
});

describe('the health of a range', () => {
  const range = { fromMs: 0, toMs: 4 * minuteMs, resolutionMs: 2 * minuteMs };

  async function sharesOf(changes: [atMs: number, to: HealthState][], fromMs = 0) {
    const { control, store } = await createDesk();
    for (const [atMs, to] of changes) await store.recordTransition(transition(fromMs + atMs, { to }));
    const slices = await control.health('demo', { ...range, fromMs, toMs: fromMs + 4 * minuteMs });
    return slices.filter(({ site }) => site === 'beijing').map(({ shares }) => shares);
  }

  test('is unknown until something is known', async () => {
    expect(await sharesOf([])).toEqual([{ unknown: 1 }, { unknown: 1 }]);
    expect(await sharesOf([[minuteMs, 'up']])).toEqual([{ unknown: 0.5, up: 0.5 }, { up: 1 }]);
  });

  test('begins as it was before the range', async () => {
    expect(
      await sharesOf(
        [
          [-minuteMs, 'up'],
          [3 * minuteMs, 'down'],
        ],
        10 * minuteMs,
      ),
    ).toEqual([{ up: 1 }, { up: 0.5, down: 0.5 }]);
  });

  test('is the share of each state, several times within one slice', async () => {
    const [first] = await sharesOf([
      [0, 'up'],
      [minuteMs / 2, 'down'],
      [minuteMs, 'up'],
      [2 * minuteMs, 'degraded'],
    ]);
    expect(first).toEqual({ up: 0.75, down: 0.25 });
  });

  test('has slices of both sites, the last as short as the range leaves it, and nothing is known of the future', async () => {
    const { control, store, nowMs } = await createDesk();
    await store.recordTransition(transition(1, { to: 'up' }));
    const fromMs = nowMs - minuteMs;
    const slices = await control.health('demo', { fromMs, toMs: fromMs + 150_000, resolutionMs: minuteMs });
    expect(slices.map(({ site, fromMs: begin, toMs: end }) => [site, begin - fromMs, end - fromMs])).toEqual([
      ['beijing', 0, 60_000],
      ['beijing', 60_000, 120_000],
      ['beijing', 120_000, 150_000],
      ['shanghai', 0, 60_000],
      ['shanghai', 60_000, 120_000],
      ['shanghai', 120_000, 150_000],
    ]);
    expect(slices.slice(0, 3).map(({ shares }) => shares)).toEqual([{ up: 1 }, { unknown: 1 }, { unknown: 1 }]);
  });

  test.each([
    ['slices that are too short', { resolutionMs: minuteMs - 1 }],
    ['too many slices', { toMs: 2_001 * minuteMs, resolutionMs: minuteMs }],
    ['an empty range', { toMs: 0 }],
    ['no number', { resolutionMs: Number.NaN }],
  ])('is refused for %s', async (_title, change) => {
    const { control } = await createDesk();
    expect((await refusalOf(control.health('demo', { ...range, ...change }))).name).toBe('bad-time');
  });
});
