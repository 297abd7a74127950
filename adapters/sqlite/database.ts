import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { StoreUnavailable } from '../../core/flow/ports.ts';
import { migrations } from './schema.ts';

/** How long a write waits for another process that is writing. Short, because the wait blocks this process. */
const busyTimeoutMs = 1_000;

/** An open store file. Everything it throws about SQLite is a StoreUnavailable that names the file. */
export interface Database {
  /** A prepared statement, made once per text. Use it inside `read` or `write` only. */
  statement(sql: string): StatementSync;
  read<T>(work: () => T): T;
  /** One transaction, on disk (synchronous=FULL) when this returns; rolled back when `work` throws. */
  write<T>(work: () => T): T;
  close(): void;
}

/**
 * Opens or creates the file and brings its schema up to date.
 * @throws StoreUnavailable when it cannot be used: missing folder, not a database, read-only, newer than this program.
 */
export function openDatabase(file: string): Database {
  const path = resolve(file);
  const connection = translated(path, () => connect(path));
  const openedAs = identity(path);
  const statements = new Map<string, StatementSync>();
  const checked = <T>(work: () => T): T => {
    if (!connection.isOpen) throw new StoreUnavailable(`${path}: the store is closed`);
    // SQLite goes on writing into a file that was deleted or replaced, and every such write would be lost.
    if (identity(path) !== openedAs)
      throw new StoreUnavailable(`${path}: the file was deleted or replaced while in use`);
    return work();
  };
  const transaction = <T>(work: () => T): T => inTransaction(connection, work);
  return {
    statement(sql) {
      const known = statements.get(sql) ?? connection.prepare(sql);
      statements.set(sql, known);
      return known;
    },
    read: (work) => translated(path, () => checked(work)),
    // Checked again after the commit: what was written to a file that vanished meanwhile must not count as stored.
    write: (work) =>
      translated(path, () => {
        const result = checked(() => transaction(work));
        return checked(() => result);
      }),
    close() {
      if (connection.isOpen) connection.close();
    },
  };
}

/** Which files these are. The write-ahead log counts as well: it holds the newest writes. */
function identity(path: string): string {
  const parts = [path, `${path}-wal`].map((name) => statSync(name, { bigint: true, throwIfNoEntry: false }));
  return parts.map((stat) => (stat ? `${stat.dev}:${stat.ino}` : 'missing')).join(' ');
}

function connect(path: string): DatabaseSync {
  const connection = new DatabaseSync(path, { timeout: busyTimeoutMs });
  try {
    refuseForeignFiles(connection, path);
    const mode = connection.prepare('pragma journal_mode = wal').get()?.journal_mode;
    if (mode !== 'wal') throw new StoreUnavailable(`${path}: its file system does not support write-ahead logging`);
    connection.exec('pragma synchronous = full');
    // Also when there is nothing to migrate: taking the write lock is what tells a read-only file apart.
    inTransaction(connection, () => migrate(connection));
    return connection;
  } catch (error) {
    connection.close();
    throw error;
  }
}

/** Looks before the first write, so that a file which is not ours stays as it is. */
function refuseForeignFiles(connection: DatabaseSync, path: string): void {
  const found = schemaVersion(connection);
  if (found > migrations.length)
    throw new StoreUnavailable(
      `${path}: written by a newer Warren (store version ${found}; this one supports up to ${migrations.length})`,
    );
  const tables = connection.prepare('select count(*) as count from sqlite_schema').get()?.count;
  if (found === 0 && tables !== 0) throw new StoreUnavailable(`${path}: is a SQLite database of another program`);
}

function migrate(connection: DatabaseSync): void {
  for (const sql of migrations.slice(schemaVersion(connection))) connection.exec(sql);
  connection.exec(`pragma user_version = ${migrations.length}`);
}

function schemaVersion(connection: DatabaseSync): number {
  return Number(connection.prepare('pragma user_version').get()?.user_version);
}

function inTransaction<T>(connection: DatabaseSync, work: () => T): T {
  connection.exec('begin immediate');
  try {
    const result = work();
    connection.exec('commit');
    return result;
  } catch (error) {
    // A full disk or an input/output error rolls back by itself; a second rollback would hide the first error.
    if (connection.isTransaction) connection.exec('rollback');
    throw error;
  }
}

/** SQLite's primary result codes (sqlite.org/rescode.html) as a person would say them. */
const sentences: Record<number, string> = {
  5: 'is locked by another process',
  6: 'is locked by another process',
  8: 'cannot be written: it, or its folder, is read-only',
  10: 'cannot be read or written: input/output error',
  11: 'is damaged',
  13: 'cannot be written: the disk is full',
  14: 'cannot be opened: its folder is missing, or access is denied',
  26: 'is not a Warren store (not a SQLite database)',
};

function translated<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    const { code, errcode, message } = error as { code?: string; errcode?: number; message: string };
    if (code === 'ERR_SQLITE_ERROR')
      throw new StoreUnavailable(`${path}: ${sentences[(errcode ?? 0) & 0xff] ?? message}`, { cause: error });
    if (error instanceof SyntaxError) throw new StoreUnavailable(`${path}: holds a damaged record`, { cause: error });
    throw error;
  }
}
