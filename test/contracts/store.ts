import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type HealthTransition, type Store, StoreUnavailable, VersionConflict } from '../../core/flow/ports.ts';
import type { Act } from '../../core/model/act.ts';
import type { Decision } from '../../core/model/decision.ts';
import type { SiteHealth } from '../../core/model/health.ts';
import type { Observation } from '../../core/model/observation.ts';
import type { Operation } from '../../core/model/operation.ts';
import { newFleetRecord, newPairRecord } from '../../core/model/record.ts';

/** A place for one test's data. */
export interface StorePlace {
  /** A store over the same contents each time: another process, or the same one after a restart. */
  open(): Store;
  remove(): void;
}

const all = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER, limit: 1_000 };

/** What every implementation of the Store port promises. */
export function describeStoreContract(name: string, createPlace: () => StorePlace | Promise<StorePlace>): void {
  describe(`${name} keeps the contract of a store`, () => {
    let place: StorePlace;
    let store: Store;
    beforeEach(async () => {
      place = await createPlace();
      store = place.open();
    });
    afterEach(async () => {
      await store.close();
      place.remove();
    });
    const context = { store: () => store, open: () => place.open() };
    describeRecords(context);
    describeOperations(context);
    describeDecisions(context);
    describeTransitions(context);
    describeObservations(context);
    describeActs(context);
    describeLifetime(context);
  });
}

interface Context {
  store: () => Store;
  open: () => Store;
}

function describeRecords({ store, open }: Context): void {
  test('a pair that was never written is undefined, and the fleet record is empty', async () => {
    expect(await store().readPair('trading')).toBeUndefined();
    expect(await store().readFleet()).toEqual(newFleetRecord());
  });

  test('version 0 creates a record, and each write raises the version by one', async () => {
    const created = await store().writePair({ ...newPairRecord('trading'), epoch: 7 });
    expect(created).toEqual({ ...newPairRecord('trading'), epoch: 7, version: 1 });
    const changed = await store().writePair({ ...created, desired: 'shanghai' });
    expect(changed.version).toBe(2);
    expect(await store().readPair('trading')).toEqual(changed);
  });

  test('a write on an older version, on a newer one, or a second creation is a VersionConflict and changes nothing', async () => {
    const first = await store().writePair(newPairRecord('trading'));
    const second = await store().writePair({ ...first, epoch: 1 });
    for (const version of [0, 1, 3])
      await expect(store().writePair({ ...second, epoch: 99, version })).rejects.toThrow(VersionConflict);
    await expect(store().writePair({ ...newPairRecord('other'), version: 1 })).rejects.toThrow(VersionConflict);
    expect(await store().readPair('trading')).toEqual(second);
    expect(await store().readPair('other')).toBeUndefined();
  });

  test('of 50 concurrent claims through two connections exactly one wins', async () => {
    const record = await store().writePair(newPairRecord('trading'));
    const second = open();
    const claims = Array.from({ length: 50 }, (_, index) =>
      (index % 2 === 0 ? store() : second).writePair({ ...record, epoch: 1, desired: `claim-${index}` }),
    );
    const settled = await Promise.allSettled(claims);
    const won = settled.filter((result) => result.status === 'fulfilled');
    expect(won).toHaveLength(1);
    for (const result of settled)
      if (result.status === 'rejected') expect(result.reason).toBeInstanceOf(VersionConflict);
    expect(await second.readPair('trading')).toEqual(won[0]?.value);
    await second.close();
  });

  test('the fleet record is written under the same condition', async () => {
    const slot = { pair: 'trading', epoch: 4, atMs: 1_000 };
    const pause = { owner: 'alice', reason: 'new switches', untilMs: 9_000 };
    const written = await store().writeFleet({ version: 0, slots: [slot], pause });
    expect(written).toEqual({ version: 1, slots: [slot], pause });
    await expect(store().writeFleet(newFleetRecord())).rejects.toThrow(VersionConflict);
    expect(await store().readFleet()).toEqual(written);
  });

  test('pairs do not touch each other, and names may hold any characters', async () => {
    const names = [
      'trading',
      'trading-2',
      '交易',
      "o'brien; drop table records",
      '\u00e9',
      'e\u0301',
      '🐇',
      '__proto__',
    ];
    for (const [index, name] of names.entries()) await store().writePair({ ...newPairRecord(name), epoch: index });
    for (const [index, name] of names.entries())
      expect(await store().readPair(name)).toMatchObject({ pair: name, version: 1, epoch: index });
  });

  test('a change of a record that was handed out or in, where it is possible at all, does not change what is stored', async () => {
    const given = newPairRecord('trading');
    const written = await store().writePair(given);
    given.epoch = 5;
    tryToChange(() => {
      written.maintenance.beijing = { owner: 'x', reason: 'y', untilMs: 1 };
    });
    const read = await store().readPair('trading');
    expect(read).toEqual({ ...newPairRecord('trading'), version: 1 });
    tryToChange(() => {
      if (read) read.epoch = 6;
    });
    expect((await store().readPair('trading'))?.epoch).toBe(0);
  });
}

/** A store may hand out what nobody can change. */
function tryToChange(change: () => void): void {
  try {
    change();
  } catch (error) {
    expect(error).toBeInstanceOf(TypeError);
  }
}

function describeOperations({ store }: Context): void {
  test('an operation saved twice is kept once, as it was saved last', async () => {
    await store().saveOperation(operation('a', 1_000));
    await store().saveOperation({ ...operation('a', 1_000), outcome: 'finished' });
    expect(await store().listOperations('trading', all)).toEqual([{ ...operation('a', 1_000), outcome: 'finished' }]);
  });

  test('operations of one pair are listed newest first, within the range, up to the limit', async () => {
    for (const [id, atMs] of [
      ['b', 2_000],
      ['d', 4_000],
      ['a', 1_000],
      ['c', 3_000],
    ] as const)
      await store().saveOperation(operation(id, atMs));
    await store().saveOperation({ ...operation('x', 2_500), pair: 'other' });
    const ids = async (query: Partial<typeof all>) =>
      (await store().listOperations('trading', { ...all, ...query })).map(({ id }) => id);
    expect(await ids({})).toEqual(['d', 'c', 'b', 'a']);
    expect(await ids({ limit: 2 })).toEqual(['d', 'c']);
    expect(await ids({ fromMs: 2_000, toMs: 3_000 })).toEqual(['c', 'b']);
    expect(await ids({ limit: 0 })).toEqual([]);
  });
}

function describeDecisions({ store }: Context): void {
  const record = (atMs: number, decision: Partial<Decision>, vantage = 'host') =>
    store().recordDecision({ pair: 'trading', vantage, atMs, decision: { ...hold, ...decision }, ...unseen });
  const list = (query: Partial<typeof all> = {}) => store().listDecisions('trading', { ...all, ...query });

  test('unchanged decisions are one row, with the latest sentence, guards, health and fences', async () => {
    await record(1_000, { sentence: '1 of 3' });
    await record(2_000, { sentence: '2 of 3' });
    const guards = [{ guard: 'quorum', verdict: 'fail', sentence: 'no' } as const];
    const health: SiteHealth[] = [
      {
        site: 'beijing',
        state: 'up',
        sinceMs: 1,
        cause: null,
        firstFailureAtMs: null,
        lastFailureAtMs: null,
        nodes: [],
      },
    ];
    const fences = [{ site: 'shanghai', nodes: [{ node: 'sh1', verdict: 'closed', detail: '' } as const] }];
    await store().recordDecision({
      pair: 'trading',
      vantage: 'host',
      atMs: 3_000,
      decision: { ...hold, sentence: '3 of 3', severity: 'warning', guards },
      health,
      fences,
    });
    expect(await list()).toEqual([
      {
        pair: 'trading',
        vantage: 'host',
        fromMs: 1_000,
        toMs: 3_000,
        count: 3,
        decision: { ...hold, sentence: '3 of 3', severity: 'warning', guards },
        health,
        fences,
      },
    ]);
  });

  test.each<[string, Partial<Decision>]>([
    ['outcome', { outcome: 'blocked' }],
    ['reason', { reason: 'other' }],
    ['from', { from: 'shanghai' }],
    ['to', { to: 'shanghai' }],
  ])('another %s begins another row, and coming back begins a third', async (_, change) => {
    for (const [atMs, decision] of [
      [1_000, {}],
      [2_000, change],
      [3_000, {}],
    ] as const)
      await record(atMs, decision);
    expect((await list()).map(({ fromMs, toMs, count }) => [fromMs, toMs, count])).toEqual([
      [3_000, 3_000, 1],
      [2_000, 2_000, 1],
      [1_000, 1_000, 1],
    ]);
  });

  test('vantages have rows of their own', async () => {
    for (const atMs of [1_000, 2_000]) for (const vantage of ['host', 'witness']) await record(atMs, {}, vantage);
    const rows = await list();
    expect(rows.map(({ vantage }) => vantage).sort()).toEqual(['host', 'witness']);
    expect(rows.map(({ count }) => count)).toEqual([2, 2]);
  });

  test('a row counts as within a range when any part of it is', async () => {
    await record(1_000, { reason: 'a' });
    await record(5_000, { reason: 'a' });
    await record(6_000, { reason: 'b' });
    await record(9_000, { reason: 'b' });
    const reasons = async (fromMs: number, toMs: number, limit = 10) =>
      (await list({ fromMs, toMs, limit })).map(({ decision }) => decision.reason);
    expect(await reasons(2_000, 3_000)).toEqual(['a']);
    expect(await reasons(5_000, 6_000)).toEqual(['b', 'a']);
    expect(await reasons(5_000, 6_000, 1)).toEqual(['b']);
    expect(await reasons(5_001, 5_999)).toEqual([]);
    expect(await store().listDecisions('other', all)).toEqual([]);
  });

  test('a wall clock that is set back never makes a row end before it began', async () => {
    await record(5_000, {});
    await record(4_000, {});
    expect(await list()).toMatchObject([{ fromMs: 5_000, toMs: 5_000, count: 2 }]);
  });
}

function describeTransitions({ store }: Context): void {
  test('transitions are listed newest first, within the range, up to the limit', async () => {
    const rows = [1_000, 2_000, 2_000, 3_000].map((atMs, index) => transition(atMs, `number ${index}`));
    for (const row of rows) await store().recordTransition(row);
    await store().recordTransition({ ...transition(2_000, 'elsewhere'), pair: 'other' });
    const sentences = async (query: Partial<typeof all>) =>
      (await store().listTransitions('trading', { ...all, ...query })).map(({ sentence }) => sentence);
    expect(await store().listTransitions('trading', all)).toEqual([rows[3], rows[2], rows[1], rows[0]]);
    expect(await sentences({ limit: 2 })).toEqual(['number 3', 'number 2']);
    expect(await sentences({ fromMs: 1_000, toMs: 2_000 })).toEqual(['number 2', 'number 1', 'number 0']);
  });
}

function describeActs({ store }: Context): void {
  test('an act that is recorded again under its id is kept once, as it was recorded last', async () => {
    expect(await store().readAct('a')).toBeUndefined();
    await store().recordAct(act('a', 1_000));
    const done: Act = { ...act('a', 1_000), outcome: 'done', sentence: 'It is done.', answer: { changed: true } };
    await store().recordAct(done);
    expect(await store().readAct('a')).toEqual(done);
    expect(await store().listActs('trading', all)).toEqual([done]);
  });

  test('acts of one pair are listed newest first, within the range, up to the limit', async () => {
    for (const [id, atMs] of [
      ['b', 2_000],
      ['d', 3_000],
      ['a', 1_000],
      ['c', 2_000],
    ] as const)
      await store().recordAct(act(id, atMs));
    await store().recordAct({ ...act('b', 2_000), outcome: 'done' });
    await store().recordAct({ ...act('x', 2_500), pair: 'other' });
    const ids = async (query: Partial<typeof all>) =>
      (await store().listActs('trading', { ...all, ...query })).map(({ id }) => id);
    expect(await ids({})).toEqual(['d', 'c', 'b', 'a']);
    expect(await ids({ limit: 2 })).toEqual(['d', 'c']);
    expect(await ids({ fromMs: 1_000, toMs: 2_000 })).toEqual(['c', 'b', 'a']);
    expect(await ids({ limit: 0 })).toEqual([]);
  });

  test('what concerns every pair is listed under the empty name, and nowhere else', async () => {
    await store().recordAct({ ...act('all', 1_000), pair: '' });
    expect(await store().listActs('trading', all)).toEqual([]);
    expect((await store().listActs('', all)).map(({ id }) => id)).toEqual(['all']);
  });
}

function describeObservations({ store, open }: Context): void {
  const observation = (vantage: string, sequence: number, pair = 'trading'): Observation => ({
    pair,
    vantage,
    holder: 'host:1',
    sequence,
    atMs: 1_000 * sequence,
    configHash: 'abc',
    evidenceGeneration: 2,
    doubt: null,
    health: { beijing: 'down', shanghai: 'up' },
  });

  test('each vantage has one observation per pair, its newest, seen by every connection at once', async () => {
    const other = open();
    await store().writeObservation(observation('host', 1));
    await store().writeObservation(observation('witness', 1));
    await store().writeObservation(observation('host', 1, 'other'));
    await other.writeObservation({ ...observation('host', 2), doubt: 'references-dark' });
    const listed = (await store().listObservations('trading')).sort((left, right) =>
      left.vantage.localeCompare(right.vantage),
    );
    expect(listed).toEqual([{ ...observation('host', 2), doubt: 'references-dark' }, observation('witness', 1)]);
    expect(await other.listObservations('other')).toEqual([observation('host', 1, 'other')]);
    expect(await other.listObservations('nothing')).toEqual([]);
    await other.close();
  });

  test('a lasting observation that comes late does not replace a newer one, whoever wrote that', async () => {
    const other = open();
    const lasting = (sequence: number): Observation => ({ ...observation('alarm', sequence), lasting: true });
    await store().writeObservation(lasting(3));
    await other.writeObservation(lasting(2));
    await store().writeObservation(lasting(1));
    expect(await store().listObservations('trading')).toEqual([lasting(3)]);
    const ofTheSameMoment = { ...lasting(3), doubt: 'references-dark' } as const;
    await other.writeObservation(ofTheSameMoment);
    expect(await store().listObservations('trading')).toEqual([ofTheSameMoment]);
    await other.writeObservation(lasting(4));
    expect(await store().listObservations('trading')).toEqual([lasting(4)]);
    await other.close();
  });

  test('one that is not lasting is replaced by the next, and replaces the last, whatever its moment', async () => {
    const [prober, alarm] = [observation('host', 3), { ...observation('host', 2), lasting: true }];
    for (const written of [prober, alarm, observation('host', 1), observation('host', 0)]) {
      await store().writeObservation(written);
      expect(await store().listObservations('trading')).toEqual([written]);
    }
  });
}

function describeLifetime({ store, open }: Context): void {
  test('what was acknowledged is there after closing and opening again', async () => {
    const written = await store().writePair(newPairRecord('trading'));
    await store().saveOperation(operation('a', 1_000));
    await store().recordDecision({ pair: 'trading', vantage: 'host', atMs: 1_000, decision: hold, ...unseen });
    await store().recordTransition(transition(1_000, 'it went down'));
    await store().recordAct(act('a', 1_000));
    await store().close();
    const reopened = open();
    expect(await reopened.readPair('trading')).toEqual(written);
    expect(await reopened.listOperations('trading', all)).toHaveLength(1);
    expect(await reopened.listDecisions('trading', all)).toHaveLength(1);
    expect(await reopened.listTransitions('trading', all)).toHaveLength(1);
    expect(await reopened.listActs('trading', all)).toEqual([act('a', 1_000)]);
    expect(await reopened.readAct('a')).toEqual(act('a', 1_000));
    await reopened.close();
  });

  test('after closing every method rejects with StoreUnavailable, and closing again is no error', async () => {
    await store().close();
    const closed = store();
    for (const call of [
      () => closed.readPair('trading'),
      () => closed.writePair(newPairRecord('trading')),
      () => closed.readFleet(),
      () => closed.writeFleet(newFleetRecord()),
      () => closed.saveOperation(operation('a', 1)),
      () => closed.listOperations('trading', all),
      () => closed.recordDecision({ pair: 'trading', vantage: 'host', atMs: 1, decision: hold, ...unseen }),
      () => closed.listDecisions('trading', all),
      () => closed.recordTransition(transition(1, 'x')),
      () => closed.listTransitions('trading', all),
      () => closed.listObservations('trading'),
      () => closed.recordAct(act('a', 1)),
      () => closed.readAct('a'),
      () => closed.listActs('trading', all),
    ])
      await expect(call()).rejects.toThrow(StoreUnavailable);
    await expect(closed.close()).resolves.toBeUndefined();
  });
}

const unseen = { health: [], fences: [] };

const hold: Decision = {
  outcome: 'hold',
  reason: 'all-well',
  sentence: 'All is well.',
  severity: 'info',
  from: null,
  to: null,
  guards: [],
};

function operation(id: string, claimedAtMs: number): Operation {
  return {
    id,
    pair: 'trading',
    verb: 'failover',
    epoch: 1,
    from: 'beijing',
    to: 'shanghai',
    startedBy: { kind: 'automatic', who: 'host', reason: 'beijing is down' },
    overrides: [],
    supersedes: null,
    guards: [],
    phase: 'finished',
    holder: 'host-1',
    steps: [],
    timeline: {
      firstFailureAtMs: null,
      decidedAtMs: claimedAtMs,
      claimedAtMs,
      committedAtMs: null,
      flippedAtMs: null,
      endedAtMs: null,
    },
    fenced: 'fenced',
    cancelled: null,
    surveys: [],
    outcome: '',
  };
}

function transition(atMs: number, sentence: string): HealthTransition {
  return { pair: 'trading', vantage: 'host', site: 'beijing', atMs, from: 'up', to: 'down', sentence };
}

function act(id: string, atMs: number): Act {
  return {
    id,
    pair: 'trading',
    who: 'alice',
    via: 'cli',
    from: 'host',
    atMs,
    verb: 'pause',
    reason: 'new disks',
    details: { untilMs: 5_000 },
    outcome: 'begun',
    sentence: '',
    answer: null,
    fingerprint: '',
  };
}
