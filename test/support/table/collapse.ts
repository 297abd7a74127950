/** Combinations of which every one has the same outcome: for each dimension the values (a bit each), in every mixture. */
export type Row = number[];

/**
 * The same combinations in fewer rows: rows that differ in one dimension only become one. Exact: each combination is in one row
 * before and after. Which dimensions are merged first decides how it reads: the last ones are.
 */
export function collapse(rows: Row[]): Row[] {
  let before = rows.length + 1;
  let after = rows;
  while (after.length < before) {
    before = after.length;
    for (let dimension = (rows[0]?.length ?? 0) - 1; dimension >= 0; dimension -= 1) after = merge(after, dimension);
  }
  return after;
}

function merge(rows: Row[], dimension: number): Row[] {
  const merged = new Map<string, Row>();
  for (const row of rows) {
    const key = row.with(dimension, 0).join();
    const same = merged.get(key);
    merged.set(key, same ? same.with(dimension, (same[dimension] ?? 0) | (row[dimension] ?? 0)) : row);
  }
  return [...merged.values()];
}

/** How many combinations a row stands for. */
export function combinationsIn(row: Row): number {
  return row.reduce((product, bits) => product * countBits(bits), 1);
}

function countBits(bits: number): number {
  let count = 0;
  for (let rest = bits; rest !== 0; rest &= rest - 1) count += 1;
  return count;
}
