import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, copyFileSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { retentionMs } from '../../../adapters/sqlite/history.ts';
import { openSqliteStore } from '../../../adapters/sqlite/store.ts';
import { type HealthTransition, type Store, StoreUnavailable } from '../../../core/flow/ports.ts';
import { newFleetRecord, newPairRecord } from '../../../core/model/record.ts';
import { describeStoreContract } from '../../contracts/store.ts';
import { createFolder } from './place.ts';

describeStoreContract('the SQLite store', () => {
  const { file, remove } = createFolder();
  return { open: () => openSqliteStore(file), remove };
});

const all = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER, limit: 100_000 };
const writer = join(import.meta.dirname, 'writer.ts');
let place: ReturnType<typeof createFolder>;
const stores: Store[] = [];
const open = (file = place.file) => {
  const store = openSqliteStore(file);
  stores.push(store);
  return store;
};

beforeEach(() => {
  place = createFolder();
});
afterEach(async () => {
  for (const store of stores.splice(0)) await store.close();
  place.remove();
});

/** Collects what a writer acknowledged and what it complained about. */
function watch(child: ReturnType<typeof spawn>) {
  const said = { acknowledged: 0, complaint: '' };
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    said.acknowledged = Number(text.trimEnd().split('\n').at(-1));
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    said.complaint += text;
  });
  return said;
}

describe('several processes', () => {
  test('everything a process had acknowledged is there after it was killed with SIGKILL', async () => {
    const child = spawn(process.execPath, [writer, place.file, 'trading']);
    const said = watch(child);
    while (said.acknowledged < 100) await once(child.stdout, 'data');
    child.kill('SIGKILL');
    await once(child, 'close');
    const store = open();
    const stored = await store.readPair('trading');
    expect(stored?.version).toBeGreaterThanOrEqual(said.acknowledged);
    const rows = await store.listTransitions('trading', all);
    const versions = new Set(rows.map(({ atMs }) => atMs));
    expect([...Array(said.acknowledged).keys()].filter((index) => !versions.has(index + 1))).toEqual([]);
    await expect(store.writePair(stored ?? newPairRecord('trading'))).resolves.toBeDefined();
  });

  test('two processes write to one file without losing or refusing a write', async () => {
    const children = ['trading', 'billing'].map((pair) => spawn(process.execPath, [writer, place.file, pair]));
    const said = children.map(watch);
    const store = open();
    const ended = children.map((child) => once(child, 'close'));
    for (const [index, child] of children.entries())
      while ((said[index]?.acknowledged ?? 0) < 50 && child.exitCode === null)
        await Promise.race([once(child.stdout, 'data'), ended[index]]);
    await store.writePair(newPairRecord('mine'));
    for (const child of children) child.kill('SIGKILL');
    await Promise.all(ended);
    expect(said.map(({ complaint }) => complaint)).toEqual(['', '']);
    expect((await store.readPair('trading'))?.version).toBeGreaterThanOrEqual(50);
    expect((await store.readPair('billing'))?.version).toBeGreaterThanOrEqual(50);
  });

  test('a write that another process keeps waiting too long is StoreUnavailable', async () => {
    const store = open();
    const other = new DatabaseSync(place.file);
    other.exec('begin immediate');
    await expect(store.writePair(newPairRecord('trading'))).rejects.toThrow(/warren\.db: is locked by another process/);
    other.close();
    await expect(store.writePair(newPairRecord('trading'))).resolves.toBeDefined();
  });
});

describe('a file that cannot be used is StoreUnavailable, with a sentence that names it', () => {
  const refused = (pattern: RegExp, file = place.file) => {
    expect(() => open(file)).toThrow(StoreUnavailable);
    expect(() => open(file)).toThrow(pattern);
  };

  test('missing folder', () =>
    refused(/nowhere\/warren\.db: cannot be opened: its folder is missing/, join(place.folder, 'nowhere/warren.db')));
  test('a folder', () => refused(/: cannot be opened/, place.folder));
  test('not a database', () => {
    writeFileSync(place.file, 'version: 1\npairs: []\n'.repeat(20));
    refused(/warren\.db: is not a Warren store/);
  });
  test('a store of a newer version: both versions are named, and the file is left as it was', async () => {
    await open().close();
    const database = new DatabaseSync(place.file);
    database.exec('pragma user_version = 7');
    database.close();
    refused(/warren\.db: written by a newer Warren \(store version 7; this one supports up to 3\)/);
    const again = new DatabaseSync(place.file);
    expect(again.prepare('pragma user_version').get()).toEqual({ user_version: 7 });
    again.close();
  });
  test("another program's database: its tables are left alone", () => {
    const database = new DatabaseSync(place.file);
    database.exec('create table contacts (name text)');
    refused(/warren\.db: is a SQLite database of another program/);
    expect(database.prepare('select name from sqlite_schema').all()).toEqual([{ name: 'contacts' }]);
    database.close();
  });
  test('damaged: its first page is overwritten behind a sound header', async () => {
    const store = open();
    await store.writePair(newPairRecord('trading'));
    await store.close();
    const bytes = readFileSync(place.file);
    bytes.fill(0xff, 100, 4_096);
    writeFileSync(place.file, bytes);
    refused(/warren\.db: is damaged/);
  });
  test('read-only', async () => {
    await open().close();
    chmodSync(place.folder, 0o555);
    chmodSync(place.file, 0o444);
    // A superuser may write all the same, so the opening process becomes somebody else.
    const identity = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};
    const child = spawn(process.execPath, [writer, place.file, 'trading'], identity);
    const said = watch(child);
    await once(child, 'close');
    chmodSync(place.folder, 0o755);
    expect(said.complaint).toMatch(/^StoreUnavailable: .*warren\.db: cannot be (written|opened)/);
    expect(said.complaint).not.toContain('    at ');
  });
  test('no space: the process may write files of 400 kB at most', async () => {
    const command = `ulimit -f 800; exec "$0" "$@"`;
    const child = spawn('sh', ['-c', command, process.execPath, writer, place.file, 'trading']);
    const said = watch(child);
    await once(child, 'close');
    expect(said.complaint).toMatch(/^StoreUnavailable: .*warren\.db: cannot be (read or )?written/);
    expect((await open().readPair('trading'))?.version).toBeGreaterThanOrEqual(said.acknowledged);
  });
});

describe('a file that vanishes under an open store', () => {
  const gone = /warren\.db: the file was deleted or replaced while in use/;

  test('deleted: neither read nor written any more, and not created anew', async () => {
    const store = open();
    const record = await store.writePair(newPairRecord('trading'));
    rmSync(place.file);
    await expect(store.writePair(record)).rejects.toThrow(gone);
    await expect(store.readPair('trading')).rejects.toThrow(StoreUnavailable);
    expect(existsSync(place.file)).toBe(false);
  });

  test('replaced by a copy of itself: not written to', async () => {
    const store = open();
    const record = await store.writePair(newPairRecord('trading'));
    copyFileSync(place.file, `${place.file}.copy`);
    renameSync(`${place.file}.copy`, place.file);
    await expect(store.writePair(record)).rejects.toThrow(gone);
  });

  test('its write-ahead log deleted: the newest writes would be lost, so it is not written to', async () => {
    const store = open();
    const record = await store.writePair(newPairRecord('trading'));
    rmSync(`${place.file}-wal`);
    await expect(store.writePair(record)).rejects.toThrow(gone);
  });
});

test("a record that an older release wrote without today's fields is completed", async () => {
  const store = open();
  const database = new DatabaseSync(place.file);
  database.prepare('insert into records values (?, 3, ?)').run('pair/trading', '{"pair":"trading","epoch":2}');
  database.close();
  expect(await store.readPair('trading')).toEqual({ ...newPairRecord('trading'), epoch: 2, version: 3 });
});

test('a file of the first release is brought up to date, with all that is in it', async () => {
  const operation = { id: 'demo-2', pair: 'demo', phase: 'committed', steps: [] };
  await open().close();
  const database = new DatabaseSync(place.file);
  database.exec('drop table acts; drop table observations; pragma user_version = 1');
  database.prepare('insert into records values (?, 1, ?)').run('fleet', '{"slots":[]}');
  database
    .prepare('insert into records values (?, 3, ?)')
    .run('pair/demo', JSON.stringify({ pair: 'demo', operation, request: { id: 'asked' }, latch: { epoch: 1 } }));
  database.prepare('insert into operations values (?, ?, ?, ?)').run('demo-2', 'demo', 0, JSON.stringify(operation));
  database.exec(`insert into decisions values (null, 'demo', 'host', 1, 2, 3, 'hold', 'all-well', null, null, '{}')`);
  database.close();
  const store = open();
  expect(await store.readFleet()).toEqual({ ...newFleetRecord(), version: 1 });
  expect(await store.readPair('demo')).toMatchObject({
    operation: { id: 'demo-2', supersedes: null, guards: [], cancelled: null, surveys: [] },
    request: { id: 'asked', verb: 'failover', notBeforeMs: 0, supersedes: null },
    latch: { because: 'failover', epoch: 1 },
  });
  expect(await store.listOperations('demo', all)).toMatchObject([{ id: 'demo-2', cancelled: null, surveys: [] }]);
  expect(await store.listDecisions('demo', all)).toMatchObject([{ count: 3, fences: [] }]);
  expect(await store.listActs('demo', all)).toEqual([]);
});

test('history older than the retention leaves, a few rows with each new row', async () => {
  const store = open();
  const row = (atMs: number): HealthTransition => ({
    pair: 'trading',
    vantage: 'host',
    site: 'beijing',
    atMs,
    from: null,
    to: 'up',
    sentence: '',
  });
  for (let atMs = 1; atMs <= 30; atMs++) await store.recordTransition(row(atMs));
  await store.recordTransition(row(retentionMs + 25));
  expect(await store.listTransitions('trading', all)).toHaveLength(11);
  await store.recordTransition(row(retentionMs + 26));
  const kept = await store.listTransitions('trading', all);
  expect(kept.map(({ atMs }) => atMs)).toEqual([retentionMs + 26, retentionMs + 25, 30, 29, 28, 27, 26]);
});
