import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { read } from '../../../contracts/target.ts';
import { bucketIn, key, openPlace, type Place, record, regions, says } from './place.ts';

jest.setTimeout(30_000);

let place: Place;
beforeEach(async () => {
  place = await openPlace();
  place.edit(Array(3).fill(says('beijing', 0)));
});
afterEach(() => place.close());

describe('a switch', () => {
  test('is set in every copy, and read back', async () => {
    expect(await place.target().flip('shanghai', 7)).toEqual({
      target: `route53-health:${record}/A`,
      status: 'read',
      active: 'shanghai',
      instance: `route53-health:${record}/A`,
      uptimeMs: expect.any(Number),
      detail: 'eu-west-1: shanghai, epoch 7; eu-west-2: shanghai, epoch 7; eu-west-3: shanghai, epoch 7',
    });
    expect(place.copies()).toEqual(Array(3).fill(says('shanghai', 7)));
    expect(await read(place.target())).toMatchObject({ markerEpoch: 7 });
  });

  test('is created where there is none', async () => {
    place.edit([null, null, null]);
    expect(await place.target().flip('shanghai', 1)).toMatchObject({ active: 'shanghai' });
    expect(place.copies()).toEqual(Array(3).fill(says('shanghai', 1)));
  });

  test('a repeated flip verifies and writes nothing', async () => {
    await place.target().flip('shanghai', 7);
    place.s3.requests.length = 0;
    await place.target().flip('shanghai', 7);
    expect(place.s3.requests.map(({ operation }) => operation)).toEqual(Array(3).fill('GetObject'));
  });

  test("somebody else's edit is mended under the same epoch, with another text than any before", async () => {
    await place.target().flip('shanghai', 7);
    place.edit(Array(3).fill(says('beijing', 7)));
    await place.target().flip('shanghai', 7);
    expect(place.copies()).toEqual(Array(3).fill(says('shanghai', 7, 2)));
  });

  test('that a person wrote with a line end is read as ever', async () => {
    place.edit(Array(3).fill(`${says('shanghai', 3)}\n`));
    expect((await read(place.target())).active).toBe('shanghai');
  });

  test('an edit between reading and writing is not overwritten unseen: it is read, and then replaced', async () => {
    const bucket = bucketIn('eu-west-2');
    place.s3.order('PutObject', async () => place.s3.edit(bucket, key, says('beijing', 0, 9)), 1, bucket);
    await place.target().flip('shanghai', 1);
    expect(place.s3.history(bucket, key)).toEqual([says('beijing', 0), says('beijing', 0, 9), says('shanghai', 1)]);
    const writes = place.s3.requests.filter((each) => each.operation === 'PutObject' && each.bucket === bucket);
    expect(writes).toHaveLength(2);
  });
});

describe('a reading', () => {
  test.each<[string, (string | null)[], string, string]>([
    ['two that say a site', [says('shanghai'), null, says('shanghai')], 'shanghai', 'eu-west-2: there is no object'],
    ['no majority', [says('shanghai'), says('beijing'), null], 'split', 'so Route 53 answers with beijing'],
    ['none at all', [null, null, null], 'none', 'no majority says one site, so Route 53 answers with beijing'],
    [
      'another pair',
      Array(3).fill(says('shanghai').replace('trading', 'orders')),
      'split',
      'of neither site: "warren pa',
    ],
    ['no words of Warren', Array(3).fill('shanghai'), 'split', 'eu-west-1: of neither site: "shanghai"'],
    ['nothing in it', Array(3).fill(''), 'split', 'eu-west-1: of neither site: ""'],
    ['far too much', Array(3).fill('x'.repeat(6_000)), 'split', 'of neither site: "6000 bytes"'],
  ])('of %s says what is there', async (_, texts, active, detail) => {
    place.edit(texts);
    expect(await read(place.target())).toMatchObject({ active, detail: expect.stringContaining(detail) });
  });

  test('does without a copy that cannot be read, and does not wait for it', async () => {
    place.s3.hungRegions.add('eu-west-3');
    const startedAtMs = performance.now();
    expect(await read(place.target())).toMatchObject({
      active: 'beijing',
      detail: expect.stringContaining('eu-west-3: no answer yet'),
    });
    expect(performance.now() - startedAtMs).toBeLessThan(1_500);
  });

  test('waits for a slow copy that decides', async () => {
    place.edit([says('beijing'), says('shanghai'), says('shanghai')]);
    const slow = () => new Promise<void>((resolve) => setTimeout(resolve, 500).unref());
    place.s3.order('GetObject', slow, 1, bucketIn('eu-west-3'));
    expect(await read(place.target())).toMatchObject({ active: 'shanghai' });
  });

  test('is none while those that cannot be read could decide', async () => {
    place.edit([says('beijing'), says('shanghai'), says('shanghai')]);
    place.s3.hungRegions.add('eu-west-3');
    expect(await place.target({}, { budgetMs: 400 }).read()).toMatchObject({ status: 'unreadable' });
  });
});

describe('what is not this pair’s', () => {
  test('stays: the other copies decide', async () => {
    place.edit(['of somebody else', says('beijing', 0), says('beijing', 0)]);
    expect(await place.target().flip('shanghai', 1)).toMatchObject({
      active: 'shanghai',
      detail: expect.stringContaining(
        `eu-west-1: the object ${bucketIn('eu-west-1')}/${key} is not Warren's; remove it, or name another object`,
      ),
    });
    expect(place.copies()).toEqual(['of somebody else', says('shanghai'), says('shanghai')]);
  });

  test('in a majority of copies stops a flip', async () => {
    place.edit(Array(3).fill(says('shanghai').replace('trading', 'orders')));
    await expect(place.target().flip('shanghai', 1)).rejects.toThrow(
      /: nothing was written for shanghai: 0 of 3 copies are set, and 2 are needed: .*says that it belongs to the pair orders/,
    );
  });
});

test('a flip of a single copy says so in one sentence', async () => {
  await place.close();
  place = await openPlace(1);
  expect(await place.target().flip('shanghai', 4)).toMatchObject({ detail: 'eu-west-1: shanghai, epoch 4' });
  place.edit(['of somebody else']);
  await expect(place.target().flip('beijing', 5)).rejects.toThrow(
    `route53-health:${record}/A: nothing was written for beijing: the object ${bucketIn(regions[0])}/${key} is not Warren's`,
  );
});
