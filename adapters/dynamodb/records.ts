import { randomUUID } from 'node:crypto';
import { StoreUnavailable, VersionConflict } from '../../core/flow/ports.ts';
import { ConditionLost } from './attempts.ts';
import { type Connection, OutcomeUnknown } from './connection.ts';
import { documentOf, encodeRecord } from './document.ts';
import { keys, sorts } from './layout.ts';
import type { Expression, Item } from './table.ts';

/** A record that is only ever written under the condition that nobody wrote since it was read. */
export interface Versioned {
  version: number;
}

/** The state table, through a connection. */
export interface RecordPlace {
  connection: Connection;
  table: string;
}

/** Of the time of a write, the part that is kept for looking whether it was done. */
const readBackShare = 0.25;

export async function readRecord({ connection, table }: RecordPlace, id: string): Promise<Versioned | undefined> {
  const item = await connection.within(table, connection.deadlineMs, (open) => open.get(keyOf(id)));
  return item && { ...documentOf(item), version: versionOf(item) };
}

/**
 * The conditional write: version 0 inserts, any other version replaces exactly that version. Every write carries a nonce, so
 * that one which was done is known again when its answer was lost, or when it was sent twice and met itself.
 * @returns the record with its new version. @throws VersionConflict, StoreUnavailable
 */
export async function writeRecord<T extends Versioned>(place: RecordPlace, id: string, record: T): Promise<T> {
  const { connection, table } = place;
  const written = { ...record, version: record.version + 1 };
  const nonce = randomUUID();
  const item = itemOf(id, written, nonce);
  try {
    const writeMs = connection.deadlineMs * (1 - readBackShare);
    await connection.within(table, writeMs, (open) => open.put(keyOf(id), item, unchanged(record)));
    return written;
  } catch (error) {
    if (!(error instanceof ConditionLost || error instanceof OutcomeUnknown)) throw error;
    if (await isOurs(place, id, { nonce, record, error })) return written;
    throw error;
  }
}

interface Attempt {
  nonce: string;
  record: Versioned;
  /** Why it is not known to be done. */
  error: ConditionLost | OutcomeUnknown;
}

/** Looks whether a write was done. @throws VersionConflict when it was not, and cannot be any more */
async function isOurs({ connection, table }: RecordPlace, id: string, attempt: Attempt): Promise<boolean> {
  const { nonce, record, error } = attempt;
  const readMs = connection.deadlineMs * readBackShare;
  const stored = await connection
    .within(table, readMs, (open) => open.get(keyOf(id)))
    .catch((failed) => {
      throw error instanceof OutcomeUnknown ? error : failed;
    });
  if (stored?.nonce?.S === nonce) return true;
  // Where the outcome is unknown and the version is still the old one, the write may yet arrive.
  if (error instanceof OutcomeUnknown && versionOf(stored) === record.version) return false;
  throw new VersionConflict(`${id}: someone else wrote it since version ${record.version} was read`, { cause: error });
}

function itemOf(id: string, written: Versioned, nonce: string): Item {
  const document = encodeRecord(written);
  if (!document) throw new StoreUnavailable(`${id}: the record is larger than an item of DynamoDB may be (400 KB)`);
  return { version: { N: String(written.version) }, nonce: { S: nonce }, document };
}

function unchanged({ version }: Versioned): Expression {
  if (version === 0) return { text: `attribute_not_exists(#${keys.partition})` };
  return { text: '#version = :version', values: { ':version': { N: String(version) } } };
}

const keyOf = (id: string) => ({ partition: id, sort: sorts.record });
const versionOf = (item: Item | undefined) => Number(item?.version?.N ?? 0);
