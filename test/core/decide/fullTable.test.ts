import { readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { collapse, combinationsIn, type Row } from '../../support/table/collapse.ts';
import type { Sides } from '../../support/table/dimensions.ts';
import { forEveryCase } from '../../support/table/everyCase.ts';
import { createTable } from '../../support/table/table.ts';

const path = new URL('full-table.txt', import.meta.url).pathname;

function tableOf(sides?: Sides): string {
  const table = createTable();
  forEveryCase(table.add, sides);
  return table.text();
}

const text = tableOf();

test('what is decided and done in every combination is as it was reviewed', () => {
  if (process.env.REWRITE) writeFileSync(path, text);
  else expect(text).toBe(readFileSync(path, 'utf8'));
});

test('it is the same when traffic was decided to be on the configured standby', () => {
  expect(tableOf({ decided: 'shanghai', other: 'beijing' })).toBe(text);
}, 60_000);

test('collapsing rows loses no combination and adds none', () => {
  const rows: Row[] = [];
  for (const first of [1, 2, 4])
    for (const second of [1, 2]) if (first !== 4 || second !== 2) rows.push([first, second]);
  const collapsed = collapse(rows);
  expect(collapsed).toEqual([
    [3, 3],
    [4, 1],
  ]);
  expect(collapsed.map(combinationsIn)).toEqual([4, 1]);
});
