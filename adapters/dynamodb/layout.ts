/**
 * What the adapter and whoever creates the tables agree on. Imports nothing, so that infrastructure code can read it.
 *
 * | table   | partition          | sort                   | item                                                    |
 * |---------|--------------------|------------------------|---------------------------------------------------------|
 * | state   | `pair/PAIR`        | `record`               | version, nonce, document                                |
 * | state   | `fleet`            | `record`               | the same                                                |
 * | state   | `pair/PAIR`        | `observation/VANTAGE`  | writer, turn, atMs where it is lasting, document        |
 * | history | `operations/PAIR`  | MOMENT/TURN            | document                                                |
 * | history | `operation/ID`     | `place`                | the keys of its row above                               |
 * | history | `acts/PAIR`        | MOMENT/TURN            | document                                                |
 * | history | `act/ID`           | `place`                | the keys of its row above                               |
 * | history | `transitions/PAIR` | MOMENT/TURN            | document, expiresAtS                                    |
 * | history | `decisions/PAIR`   | VANTAGE/MOMENT/ORDINAL | fromMs, toMs, count, …, nonce, document, expiresAtS     |
 *
 * Both tables have the same keys, both strings. *State* has small items that are written under a condition one at a time,
 * and neither expiry nor indexes, so that it can be a table of several Regions with strong consistency. *History* is read
 * along the sort key, newest first.
 */
export const keys = { partition: 'pk', sort: 'sk' } as const;

/** The attribute of the history table by which DynamoDB deletes old rows: seconds since the epoch. */
export const expiryAttribute = 'expiresAtS';

/** Decisions and transitions are kept this long after they were last written; operations and acts are few, and kept. */
export const retentionMs = 90 * 86_400_000;

/** Partitions by what they hold. */
export const partitions = {
  pair: (pair: string) => `pair/${pair}`,
  fleet: () => 'fleet',
  operations: (pair: string) => `operations/${pair}`,
  operation: (id: string) => `operation/${id}`,
  acts: (pair: string) => `acts/${pair}`,
  act: (id: string) => `act/${id}`,
  transitions: (pair: string) => `transitions/${pair}`,
  decisions: (pair: string) => `decisions/${pair}`,
} as const;

/** Sort keys by what they hold; those of rows begin with a moment. */
export const sorts = {
  record: 'record',
  observation: (vantage: string) => `observation/${segment(vantage)}`,
  place: 'place',
} as const;

/** Comes after everything that a sort key may go on with. */
export const last = '~';

/** A moment as it stands in a sort key: the order of the texts is the order of the moments. */
export function moment(ms: number): string {
  const known = Math.min(Math.max(0, Math.trunc(ms)), Number.MAX_SAFE_INTEGER);
  return String(known).padStart(16, '0');
}

/** A name as it stands before a slash in a sort key. */
export function segment(name: string): string {
  return name.replaceAll('%', '%25').replaceAll('/', '%2F');
}
