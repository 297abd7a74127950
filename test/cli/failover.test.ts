import { afterAll, beforeEach, describe, expect, test } from '@jest/globals';
import { openSqliteStore } from '../../adapters/sqlite/store.ts';
import { newPairRecord } from '../../core/model/record.ts';
import { createPlace, unreachableConfig } from './command.ts';

const place = createPlace();
place.write('warren.yaml', unreachableConfig());
afterAll(() => place.remove());

let storeName = '';
let stores = 0;
beforeEach(async () => {
  stores += 1;
  storeName = `store-${stores}.db`;
  const store = openSqliteStore(place.path(storeName));
  await store.writePair({ ...newPairRecord('demo'), desired: 'beijing', epoch: 1 });
  await store.close();
});

const run = (...words: string[]) => place.run(['failover', ...words, '--store', storeName]);

async function record() {
  const store = openSqliteStore(place.path(storeName));
  const found = await store.readPair('demo');
  await store.close();
  return found;
}

describe('failover', () => {
  test('is refused while nothing watches the pair, and leaves no request behind', async () => {
    const { code, stderr } = await run('demo', '--reason', 'lost');
    expect({ code, stderr }).toEqual({
      code: 3,
      stderr: 'warren: Nothing watches demo now: `warren run` does the move. Without it, see docs/runbook.md.\n',
    });
    expect((await record())?.request).toBeNull();
  });

  test.each([
    [
      ['demo', '--reason', 'x', '--override', 'gravity'],
      /There is no guard "gravity"\. There are: self-trust, quorum,/,
    ],
    [['demo', '--reason', ' '], /The reason is empty/],
    [['dmeo', '--reason', 'x'], /There is no pair "dmeo"/],
    [['demo'], /required option '--reason <text>' not specified/],
  ])('%j is bad input', async (words, complaint) => {
    const { code, stderr } = await run(...words);
    expect(code).toBe(2);
    expect(stderr).toMatch(complaint);
  });
});
