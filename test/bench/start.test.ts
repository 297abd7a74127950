import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { startOnce } from '../../bench/start/measure.ts';
import { startTable } from '../../bench/startPage.ts';

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'warren-start-')));
afterAll(() => rmSync(folder, { recursive: true }));
const never = new AbortController().signal;

describe('the start of a function', () => {
  test('is measured under the real runtime client, and counts only the code that was loaded', async () => {
    const text = `require('./part.js'); exports.handler = async () => require('./later.js');`;
    writeFileSync(join(folder, 'index.js'), text);
    writeFileSync(join(folder, 'part.js'), '1;');
    writeFileSync(join(folder, 'later.js'), '2;');
    const { readyMs, loadedBytes } = await startOnce(folder, never);
    expect(readyMs).toBeGreaterThan(0);
    expect(loadedBytes).toBe(text.length + 2);
  }, 30_000);

  test('that fails is told with what the function said', async () => {
    writeFileSync(join(folder, 'index.js'), `throw new Error('no such luck');`);
    await expect(startOnce(folder, never)).rejects.toThrow(/did not start: .*no such luck/s);
  }, 30_000);
});

test('the table compares medians, above the start of an empty function', () => {
  const row = (name: string, ...readyMs: number[]) => ({ name, folder: '', codeBytes: 1e6, loadedBytes: 5e5, readyMs });
  const [, , empty, , watch] = startTable([
    row('empty', 10, 30, 20),
    row('sdk', 40, 40, 400),
    row('watch', 50, 60, 90),
  ]);
  expect(empty).toMatch(/^\| empty +\| 1,000 \| 500 +\| 20 \(10 to 30\) +\| – +\| – +\|$/);
  expect(watch).toMatch(/^\| watch +\| 1,000 \| 500 +\| 60 \(50 to 90\) +\| 40 +\| 2\.0 +\|$/);
});
