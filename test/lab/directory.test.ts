import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { labDown } from '../../lab/down.ts';
import { labUp } from '../../lab/up.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'warren-not-a-lab-'));
  writeFileSync(join(directory, 'precious'), 'x');
});
afterEach(() => rmSync(directory, { recursive: true }));

test('a lab does not come up in a directory that holds something else', async () => {
  await expect(labUp({ directory })).rejects.toThrow(`${directory} is not empty and not a lab's`);
  expect(existsSync(join(directory, 'precious'))).toBe(true);
});

test('a directory that no lab made survives `lab down`', async () => {
  await labDown(directory);
  expect(existsSync(join(directory, 'precious'))).toBe(true);
});
