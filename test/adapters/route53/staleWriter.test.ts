import { describe, expect, test } from '@jest/globals';
import type { Route53TargetConfig } from '../../../core/model/targets/route53.ts';
import { emptyStates, healthChecks, openPlace, type Place, record, simpleSet, values } from './place.ts';

/**
 * A process reads, is held up with its batch on the way, and meanwhile another one flips by a newer epoch; then the batch
 * arrives.
 */
async function overtaken(place: Place, change: Partial<Route53TargetConfig>): Promise<string> {
  await place.target(change).flip('beijing', 5);
  const [arrived, released] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  place.route53.order('ChangeResourceRecordSets', () => {
    arrived.resolve();
    return released.promise;
  });
  const stale = place
    .target(change)
    .flip('shanghai', 6)
    .then(
      () => 'done',
      (error: Error) => error.message,
    );
  await arrived.promise;
  await place.target(change).flip('beijing', 7);
  released.resolve();
  return stale;
}

async function withPlace(
  options: Parameters<typeof openPlace>[0],
  work: (place: Place) => Promise<void>,
): Promise<void> {
  const place = await openPlace(options);
  place.route53.edit(record, [simpleSet(values.beijing)]);
  try {
    await work(place);
    expect(emptyStates(place.route53)).toEqual([]);
  } finally {
    await place.close();
  }
}

describe.each([
  ['simple', {}],
  ['weighted', {}],
  ['failover', { healthChecks }],
] as const)('an overtaken process, when the record is %s,', (routing, change) => {
  test('is refused as a whole, and stands down', () =>
    withPlace({}, async (place) => {
      expect(await overtaken(place, { routing, ...change })).toMatch(/standing down: .* says beijing by epoch 7/);
      expect(place.marker()).toBe('"warren pair=trading site=beijing epoch=7 write=1"');
      expect(await place.target({ routing, ...change }).read()).toMatchObject({ active: 'beijing' });
      expect(place.route53.states).toHaveLength(2);
    }));

  test('would move traffic if a DELETE did not look at values: the test above can fail', () =>
    withPlace({ exactMatch: false }, async (place) => {
      expect(await overtaken(place, { routing, ...change })).toBe('done');
      expect(place.marker()).toContain('epoch=6');
      expect(await place.target({ routing, ...change }).read()).toMatchObject({ active: 'shanghai' });
    }));
});

test('of two first writers one creates the marker, and the other stands down or overtakes by epoch', () =>
  withPlace({}, async (place) => {
    const results = await Promise.allSettled([place.target().flip('beijing', 1), place.target().flip('shanghai', 2)]);
    expect(results[1]?.status).toBe('fulfilled');
    expect(place.marker()).toContain('site=shanghai epoch=2');
    expect(place.published()).toEqual(values.shanghai);
  }));

test('an edit between reading and writing is not overwritten unseen: it is read, and then replaced', () =>
  withPlace({}, async (place) => {
    place.route53.order('ChangeResourceRecordSets', async () =>
      place.route53.edit(record, [simpleSet(['203.0.113.7'])]),
    );
    await place.target().flip('shanghai', 1);
    expect(place.route53.states).toHaveLength(1);
    expect(place.route53.requests.filter((operation) => operation === 'ChangeResourceRecordSets')).toHaveLength(2);
    expect(place.published()).toEqual(values.shanghai);
  }));
