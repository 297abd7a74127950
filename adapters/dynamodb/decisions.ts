import { randomUUID } from 'node:crypto';
import { type Store, StoreUnavailable } from '../../core/flow/ports.ts';
import type { Decision } from '../../core/model/decision.ts';
import { ConditionLost } from './attempts.ts';
import { newestRow, numberOf } from './decisionList.ts';
import { encodeRow } from './document.ts';
import { keys, moment, partitions, segment } from './layout.ts';
import { expiry, type HistoryPlace, onHistory } from './rows.ts';
import type { Item, Key, Table } from './table.ts';

/*
 * The rows of one vantage are a chain: each is keyed by the end of the one before it (or its own begin, if that is later)
 * and an ordinal, so that their order is the order of writing whatever the wall clocks say, and two processes that add a
 * row to the same end meet in one key.
 */

type NewDecision = Parameters<Store['recordDecision']>[0];

/** Processes of one vantage that write at the same moment are at most a few. */
const triesMax = 10;

/** Unchanged decisions of one vantage are one row: from, to, count, and the latest sentence, guards and health. */
export async function recordDecision(place: HistoryPlace, row: NewDecision): Promise<void> {
  const write = { row, nonce: randomUUID(), common: { ...latest(row), ...expiry(place) } };
  await onHistory(place, async (table) => {
    for (let tries = 1; tries <= triesMax; tries += 1) {
      const newest = await newestRow(table, row);
      // An attempt that seemed lost was not.
      if (newest?.nonce?.S === write.nonce) return;
      const isSame = newest !== undefined && extendsRow(newest, row.decision);
      if (await isDone(isSame ? extend(table, newest, write) : add(table, newest, write))) return;
    }
    throw new StoreUnavailable(`${row.pair}: other processes of ${row.vantage} go on writing its decisions`);
  });
}

interface Write {
  row: NewDecision;
  nonce: string;
  common: Item;
}

async function isDone(write: Promise<void>): Promise<boolean> {
  try {
    await write;
    return true;
  } catch (error) {
    if (error instanceof ConditionLost) return false;
    throw error;
  }
}

/** Not done twice, however often it is sent, and never so that a row ends earlier than it did. */
async function extend(table: Table, newest: Item, { row, nonce, common }: Write): Promise<void> {
  const isLater = row.atMs > numberOf(newest.toMs);
  const changed: Item = { ...common, nonce: { S: nonce }, ...(isLater && { toMs: { N: String(row.atMs) } }) };
  const names = Object.keys(changed);
  const change = {
    text: `SET ${names.map((name) => `#${name} = :${name}`).join(', ')} ADD #count :one`,
    values: {
      ...Object.fromEntries(names.map((name) => [`:${name}`, changed[name] ?? { NULL: true }])),
      ':one': { N: '1' },
    },
  };
  const isThere = `attribute_exists(#${keys.partition}) AND #nonce <> :nonce`;
  await table.update(keyOf(newest), change, { text: isLater ? `${isThere} AND #toMs < :toMs` : isThere });
}

async function add(table: Table, newest: Item | undefined, { row, nonce, common }: Write): Promise<void> {
  const { pair, vantage, atMs, decision } = row;
  const { orderMs, ordinal } = newest ? orderOf(newest) : { orderMs: 0, ordinal: 0 };
  const order = moment(Math.max(atMs, orderMs, newest ? numberOf(newest.toMs) : 0));
  const key: Key = {
    partition: partitions.decisions(pair),
    sort: `${segment(vantage)}/${order}/${String(ordinal + 1).padStart(9, '0')}`,
  };
  const at = { N: String(atMs) };
  const item = { vantage: { S: vantage }, ...identity(decision), fromMs: at, toMs: at, count: { N: '1' } };
  const isNew = { text: `attribute_not_exists(#${keys.partition})` };
  await table.put(key, { ...item, ...common, nonce: { S: nonce } }, isNew);
}

/** What makes a decision another one, readable in the table as well. */
function identity({ outcome, reason, from, to }: Decision): Item {
  return { outcome: { S: outcome }, reason: { S: reason }, from: nullable(from), to: nullable(to) };
}

function extendsRow(newest: Item, decision: Decision): boolean {
  return Object.entries(identity(decision)).every(([name, { S: text }]) => newest[name]?.S === text);
}

function latest({ decision, health, fences }: NewDecision): Item {
  return { document: encodeRow({ decision, health, fences }) };
}

function orderOf(item: Item): { orderMs: number; ordinal: number } {
  const [, orderMs, ordinal] = (item[keys.sort]?.S ?? '').split('/').map(Number);
  return { orderMs: orderMs ?? 0, ordinal: ordinal ?? 0 };
}

function keyOf(item: Item): Key {
  return { partition: item[keys.partition]?.S ?? '', sort: item[keys.sort]?.S ?? '' };
}

const nullable = (text: string | null): Item[string] => (text === null ? { NULL: true } : { S: text });
