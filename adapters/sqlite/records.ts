import { VersionConflict } from '../../core/flow/ports.ts';
import type { Database } from './database.ts';

/** A record that is only ever written under the condition that nobody wrote since it was read. */
export interface Versioned {
  version: number;
}

export function readRecord(database: Database, id: string): Versioned | undefined {
  return database.read(() => {
    const row = database.statement('select version, document from records where id = ?').get(id);
    return row && { ...JSON.parse(String(row.document)), version: Number(row.version) };
  });
}

/**
 * The conditional write: version 0 inserts, any other version replaces exactly that version.
 * @returns the record with its new version. @throws VersionConflict
 */
export function writeRecord<T extends Versioned>(database: Database, id: string, record: T): T {
  const written = { ...record, version: record.version + 1 };
  const document = JSON.stringify(written);
  const changes = database.write(() =>
    record.version === 0
      ? database.statement('insert into records values (?, 1, ?) on conflict do nothing').run(id, document).changes
      : database
          .statement('update records set version = ?, document = ? where id = ? and version = ?')
          .run(written.version, document, id, record.version).changes,
  );
  if (changes === 1) return written;
  throw new VersionConflict(`${id}: someone else wrote it since version ${record.version} was read`);
}
