import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { StoreUnavailable } from '../../core/flow/ports.ts';
import { keys } from './layout.ts';

/**
 * An item may have 400 KB, names and keys included (DynamoDB developer guide, "Constraints"). What is beside the document
 * is far below the difference.
 */
const documentBytesMax = 350_000;

/** Text up to this size stays readable in the tables; what is longer is compressed. Writes are paid for by the kilobyte. */
const plainBytesMax = 800;

/** Records are read by people when nothing else works: text, as long as it fits. */
export function encodeRecord(record: object): AttributeValue | undefined {
  return encode(JSON.stringify(record), documentBytesMax);
}

/** Rows of history are many, and much of their text repeats itself. What is too large even so is shortened. */
export function encodeRow(row: object): AttributeValue {
  let encoded = encode(JSON.stringify(row), plainBytesMax);
  for (const limits of ladder) encoded ??= encode(JSON.stringify(shortened(row, limits)), plainBytesMax);
  if (encoded) return encoded;
  throw new StoreUnavailable('a row of history is too large, even when it is shortened');
}

/** The document of an item. @throws StoreUnavailable when it is damaged */
export function documentOf<T = Record<string, unknown>>({ document, ...item }: Record<string, AttributeValue>): T {
  try {
    return JSON.parse(document?.B ? inflateRawSync(document.B).toString() : (document?.S ?? ''));
  } catch (error) {
    const name = `${item[keys.partition]?.S} ${item[keys.sort]?.S}`;
    throw new StoreUnavailable(`DynamoDB item ${name}: holds a damaged record`, { cause: error });
  }
}

function encode(text: string, textBytesMax: number): AttributeValue | undefined {
  if (Buffer.byteLength(text) <= textBytesMax) return { S: text };
  const packed = deflateRawSync(text);
  return packed.length <= documentBytesMax ? { B: packed } : undefined;
}

interface Limits {
  characters: number;
  /** Of a list, or of a table by name; there are fewer names that are known beforehand. */
  entries: number;
  /** How many levels of lists and tables there may be inside the first. */
  depth: number;
}

/** From harmless to harsh. The last leaves nothing but what is known by name. */
const ladder: readonly Limits[] = [
  { characters: 10_000, entries: 1_000, depth: 20 },
  { characters: 1_000, entries: 100, depth: 10 },
  { characters: 500, entries: 50, depth: 5 },
  { characters: 500, entries: 50, depth: 1 },
];

function shortened(value: unknown, limits: Limits): unknown {
  const { characters, entries, depth } = limits;
  if (typeof value === 'string') return value.length <= characters ? value : `${value.slice(0, characters - 1)}…`;
  if (isLeaf(value)) return value;
  const inside = { ...limits, depth: depth - 1 };
  const isKept = (entry: unknown) => depth > 0 || isLeaf(entry);
  // A list may lose entries, but every entry that is left has its shape.
  if (Array.isArray(value))
    return value
      .slice(0, entries)
      .filter(isKept)
      .map((entry) => shortened(entry, inside));
  const kept = (entry: unknown) => (isKept(entry) ? shortened(entry, inside) : Array.isArray(entry) ? [] : null);
  return Object.fromEntries(
    Object.entries(value)
      .slice(0, entries)
      .map(([key, entry]) => [key, kept(entry)]),
  );
}

function isLeaf(value: unknown): value is string | number | boolean | null | undefined {
  return typeof value !== 'object' || value === null;
}
