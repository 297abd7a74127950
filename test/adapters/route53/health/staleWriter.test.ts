import { describe, expect, test } from '@jest/globals';
import { openPlace, type Place, says } from './place.ts';

/**
 * A process reads, is held up with its writes on the way, and meanwhile another one flips by a newer epoch; then the writes
 * arrive.
 */
async function overtaken(place: Place, isFirst = false): Promise<string> {
  const count = place.copies().length;
  if (!isFirst) await place.target().flip('beijing', 5);
  const [arrived, released] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  let waiting = 0;
  const wait = () => {
    waiting += 1;
    if (waiting === count) arrived.resolve();
    return released.promise;
  };
  place.s3.order('PutObject', wait, count);
  const stale = place
    .target()
    .flip('shanghai', 6)
    .then(
      () => 'done',
      (error: Error) => error.message,
    );
  await arrived.promise;
  await place.target().flip('beijing', 7);
  released.resolve();
  return stale;
}

async function withPlace(
  options: { count: 1 | 3; isConditional?: boolean },
  work: (place: Place) => Promise<void>,
): Promise<void> {
  const place = await openPlace(options.count, { isConditional: options.isConditional ?? true });
  try {
    await work(place);
  } finally {
    await place.close();
  }
}

describe.each([1, 3] as const)('an overtaken process, where the copies are %s,', (count) => {
  test('is refused by each of them, and stands down', () =>
    withPlace({ count }, async (place) => {
      expect(await overtaken(place)).toMatch(/standing down: .* says beijing by epoch 7, which is newer than 6/);
      expect(place.copies()).toEqual(Array(count).fill(says('beijing', 7)));
      expect(await place.target().read()).toMatchObject({ active: 'beijing' });
    }));

  test('is refused also where it read that there was nothing yet', () =>
    withPlace({ count }, async (place) => {
      expect(await overtaken(place, true)).toMatch(/standing down: .* says beijing by epoch 7, which is newer than 6/);
      expect(place.copies()).toEqual(Array(count).fill(says('beijing', 7)));
    }));

  test('would move traffic if S3 did not look at conditions: the test above can fail', () =>
    withPlace({ count, isConditional: false }, async (place) => {
      expect(await overtaken(place)).toBe('done');
      expect(place.copies()).toEqual(Array(count).fill(says('shanghai', 6)));
      expect(await place.target().read()).toMatchObject({ active: 'shanghai' });
    }));

  test('that only begins now writes nothing at all', () =>
    withPlace({ count }, async (place) => {
      await place.target().flip('beijing', 7);
      place.s3.requests.length = 0;
      await expect(place.target().flip('shanghai', 6)).rejects.toThrow(
        /: nothing was written for shanghai: standing down/,
      );
      expect(place.s3.requests.map(({ operation }) => operation)).not.toContain('PutObject');
    }));

  test('of two first writers one creates each copy, and the other stands down or overtakes by epoch', () =>
    withPlace({ count }, async (place) => {
      const results = await Promise.allSettled([place.target().flip('beijing', 1), place.target().flip('shanghai', 2)]);
      expect(results[1]?.status).toBe('fulfilled');
      expect(await place.target().read()).toMatchObject({ active: 'shanghai' });
      for (const text of place.copies()) expect(text).toBe(says('shanghai', 2));
    }));
});

test('a stale copy that comes back with its Region does not decide, and the next flip sets it', () =>
  withPlace({ count: 3 }, async (place) => {
    await place.target().flip('shanghai', 1);
    place.s3.hungRegions.add('eu-west-1');
    await place.target({}, { budgetMs: 900 }).flip('beijing', 2);
    place.s3.hungRegions.clear();
    expect(place.copies()).toEqual([says('shanghai', 1), says('beijing', 2), says('beijing', 2)]);
    expect(await place.target().read()).toMatchObject({
      active: 'beijing',
      detail: 'eu-west-1: shanghai, epoch 1; eu-west-2: beijing, epoch 2; eu-west-3: beijing, epoch 2',
    });
    await place.target().flip('beijing', 2);
    expect(place.copies()).toEqual(Array(3).fill(says('beijing', 2)));
  }));

test('one copy that knows of a newer decision is enough to stand down', () =>
  withPlace({ count: 3 }, async (place) => {
    place.edit([says('beijing', 3), says('beijing', 3), says('shanghai', 4)]);
    await expect(place.target().flip('beijing', 3)).rejects.toThrow(/nothing was written for beijing: standing down/);
  }));
