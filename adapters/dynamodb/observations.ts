import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { StoreUnavailable } from '../../core/flow/ports.ts';
import type { Observation } from '../../core/model/observation.ts';
import { ConditionLost } from './attempts.ts';
import { documentOf, encodeRecord } from './document.ts';
import { keys, partitions, sorts } from './layout.ts';
import type { RecordPlace } from './records.ts';
import { newestItems, type Turns } from './rows.ts';
import type { Expression, Item } from './table.ts';

export interface ObservationPlace extends RecordPlace {
  turns: Turns;
}

/** Processes of one vantage that write at the same moment are at most a few. */
const triesMax = 3;

const vantagesMax = 1_000;

/**
 * Replaces what the vantage said last, but for what this very writer said later: a write that timed out may land then.
 * Not by the observation's own number, which begins anew with each watch. A lasting one does not replace a newer lasting one,
 * whoever wrote that: each is written by a process of its own, and what came late would hold.
 */
export async function writeObservation(place: ObservationPlace, observation: Observation): Promise<void> {
  const { connection, table, turns } = place;
  const { pair, vantage } = observation;
  const key = { partition: partitions.pair(pair), sort: sorts.observation(vantage) };
  const [writer, turn] = [turns.writer, turns.next()];
  const moment: Item = observation.lasting === true ? { atMs: { N: String(observation.atMs) } } : {};
  const item: Item = { writer: { S: writer }, turn: { S: turn }, ...moment, document: encoded(observation) };
  await connection.within(table, connection.deadlineMs, async (open) => {
    for (let tries = 1; tries <= triesMax; tries += 1) {
      try {
        return await open.put(key, item, notOvertaken(writer, turn, moment));
      } catch (error) {
        if (!(error instanceof ConditionLost)) throw error;
        const stored = (await open.get(key)) ?? {};
        const isOurs = stored.writer?.S === writer && (stored.turn?.S ?? '') >= turn;
        if (isOurs || Number(stored.atMs?.N) > Number(moment.atMs?.N)) return;
      }
    }
    throw new StoreUnavailable(`${pair}: other processes go on writing the observation of ${vantage}`);
  });
}

function notOvertaken(writer: string, turn: string, { atMs }: Item): Expression {
  const byWriter = `attribute_not_exists(#${keys.partition}) OR #writer <> :writer OR #turn < :turn`;
  const values = { ':writer': { S: writer }, ':turn': { S: turn } };
  if (!atMs) return { text: byWriter, values };
  const byMoment = 'attribute_not_exists(#atMs) OR #atMs <= :atMs';
  return { text: `(${byWriter}) AND (${byMoment})`, values: { ...values, ':atMs': atMs } };
}

/** What every vantage said last. */
export async function listObservations({ connection, table }: RecordPlace, pair: string): Promise<Observation[]> {
  const range = { partition: partitions.pair(pair), from: sorts.observation(''), to: sorts.observation('\u{10ffff}') };
  const items = await connection.within(table, connection.deadlineMs, (open) => newestItems(open, range, vantagesMax));
  return items.map((item) => documentOf<Observation>(item));
}

function encoded(observation: Observation): AttributeValue {
  const { pair, vantage } = observation;
  const document = encodeRecord(observation);
  if (document) return document;
  throw new StoreUnavailable(
    `${pair}: the observation of ${vantage} is larger than an item of DynamoDB may be (400 KB)`,
  );
}
