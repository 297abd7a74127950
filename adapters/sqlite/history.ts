import type { HealthTransition, HistoryQuery, Store } from '../../core/flow/ports.ts';
import type { Act } from '../../core/model/act.ts';
import type { DecisionRow } from '../../core/model/decision.ts';
import type { Operation } from '../../core/model/operation.ts';
import type { Database } from './database.ts';

/** Decisions and transitions are kept this long; operations and what people did are few, and kept. */
export const retentionMs = 90 * 86_400_000;

/** At most this many old rows leave with each new row: cheap, and a clock that once jumped ahead cannot empty the past. */
const pruneRows = 20;

type NewDecision = Parameters<Store['recordDecision']>[0];

export function saveOperation(database: Database, operation: Operation): void {
  const { id, pair, timeline } = operation;
  database.write(() =>
    database
      .statement('insert or replace into operations values (?, ?, ?, ?)')
      .run(id, pair, timeline.claimedAtMs, JSON.stringify(operation)),
  );
}

export function listOperations(database: Database, pair: string, query: HistoryQuery): Operation[] {
  const sql = `select document from operations where pair = ? and claimed_at_ms between ? and ?
    order by claimed_at_ms desc, rowid desc limit ?`;
  return listDocuments<Operation>(database, sql, pair, query).map(withLaterFields);
}

/** Fills in what an older release did not write. */
export function withLaterFields(operation: Operation): Operation {
  return { ...laterFields, ...operation };
}

const laterFields = { supersedes: null, guards: [], cancelled: null, surveys: [] };

/** Unchanged decisions of one vantage are one row: from, to, count, and the latest sentence, guards and health. */
export function recordDecision(database: Database, row: NewDecision): void {
  database.write(() => {
    const { pair, vantage, atMs, decision, health, fences } = row;
    const { outcome, reason, from, to } = decision;
    const document = JSON.stringify({ decision, health, fences });
    const extended = database
      .statement(
        `update decisions set to_ms = max(to_ms, ?), count = count + 1, document = ?
         where id = (select max(id) from decisions where pair = ? and vantage = ?)
         and outcome = ? and reason = ? and from_site is ? and to_site is ?`,
      )
      .run(atMs, document, pair, vantage, outcome, reason, from, to).changes;
    if (extended === 1) return;
    database
      .statement('insert into decisions values (null, ?, ?, ?, ?, 1, ?, ?, ?, ?, ?)')
      .run(pair, vantage, atMs, atMs, outcome, reason, from, to, document);
    prune(database, 'decisions', 'to_ms', atMs);
  });
}

export function listDecisions(database: Database, pair: string, query: HistoryQuery): DecisionRow[] {
  const sql = `select vantage, from_ms, to_ms, count, document from decisions
    where pair = ? and to_ms >= ? and from_ms <= ? order by to_ms desc, id desc limit ?`;
  return database.read(() =>
    database
      .statement(sql)
      .all(pair, query.fromMs, query.toMs, Math.max(0, query.limit))
      .map((row) => ({
        pair,
        vantage: String(row.vantage),
        fromMs: Number(row.from_ms),
        toMs: Number(row.to_ms),
        count: Number(row.count),
        // Not written by older releases.
        fences: [],
        ...JSON.parse(String(row.document)),
      })),
  );
}

export function recordTransition(database: Database, transition: HealthTransition): void {
  database.write(() => {
    const { pair, atMs } = transition;
    database.statement('insert into transitions values (null, ?, ?, ?)').run(pair, atMs, JSON.stringify(transition));
    prune(database, 'transitions', 'at_ms', atMs);
  });
}

export function listTransitions(database: Database, pair: string, query: HistoryQuery): HealthTransition[] {
  const sql = `select document from transitions where pair = ? and at_ms between ? and ?
    order by at_ms desc, id desc limit ?`;
  return listDocuments(database, sql, pair, query);
}

/** A row of the same id is replaced in its place. */
export function recordAct(database: Database, act: Act): void {
  const { id, pair, atMs } = act;
  const sql = `insert into acts values (?, ?, ?, ?)
    on conflict (id) do update set pair = excluded.pair, at_ms = excluded.at_ms, document = excluded.document`;
  database.write(() => database.statement(sql).run(id, pair, atMs, JSON.stringify(act)));
}

export function readAct(database: Database, id: string): Act | undefined {
  return database.read(() => {
    const row = database.statement('select document from acts where id = ?').get(id);
    return row && JSON.parse(String(row.document));
  });
}

export function listActs(database: Database, pair: string, query: HistoryQuery): Act[] {
  const sql = `select document from acts where pair = ? and at_ms between ? and ?
    order by at_ms desc, rowid desc limit ?`;
  return listDocuments(database, sql, pair, query);
}

function listDocuments<T>(database: Database, sql: string, pair: string, query: HistoryQuery): T[] {
  const { fromMs, toMs, limit } = query;
  return database.read(() =>
    database
      .statement(sql)
      .all(pair, fromMs, toMs, Math.max(0, limit))
      .map((row) => JSON.parse(String(row.document))),
  );
}

function prune(database: Database, table: string, column: string, nowMs: number): void {
  const sql = `delete from ${table} where id in (select id from ${table} where ${column} < ? order by ${column} limit ?)`;
  database.statement(sql).run(nowMs - retentionMs, pruneRows);
}
