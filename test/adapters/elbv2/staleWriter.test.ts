import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { systemClock } from '../../../adapters/system/clock.ts';
import { emptyStates, openPlace, type Place } from './place.ts';

let place: Place;
beforeEach(async () => {
  place = await openPlace();
  place.weigh({ beijing: 100, shanghai: 0 });
});
afterEach(async () => {
  expect(emptyStates(place.elbv2)).toEqual([]);
  await place.close();
});

const mark = (value: string) => place.elbv2.tagsOf(place.arn).set('warren:epoch', value);

describe('the tag', () => {
  test('of a newer epoch makes a flip stand down, with nothing written', async () => {
    mark('9 beijing trading');
    await expect(place.target().flip('shanghai', 8)).rejects.toMatchObject({
      name: 'TargetError',
      message: `elbv2:${place.arn}: nothing was written for shanghai: standing down: the tag warren:epoch says beijing by epoch 9, which is newer than 8`,
    });
    expect(place.elbv2.states).toEqual([]);
  });

  test.each([
    ['of another pair', '1 beijing other', /says that this belongs to the pair other/],
    ["that is not Warren's", 'production', /\("production"\) is not Warren's; remove it/],
  ])('%s stops a flip, with nothing written', async (_, value, message) => {
    mark(value);
    await expect(place.target().flip('shanghai', 8)).rejects.toThrow(message);
    expect(place.elbv2.states).toEqual([]);
  });

  test('of an older epoch is replaced; other tags stay', async () => {
    mark('6 beijing trading');
    place.elbv2.tagsOf(place.arn).set('owner', 'messaging');
    await place.target().flip('shanghai', 7);
    expect([...place.elbv2.tagsOf(place.arn)]).toEqual([
      ['warren:epoch', '7 shanghai trading'],
      ['owner', 'messaging'],
    ]);
  });

  test('that cannot be read stops nobody, and that is said', async () => {
    place.elbv2.order('DescribeTags', 'forbid', 9);
    expect((await place.target().flip('shanghai', 7)).detail).toMatch(
      /the tag warren:epoch was not read: IAM does not allow elasticloadbalancing:DescribeTags on arn/,
    );
  });

  test('that cannot be read now is not taken for none by a reading, and is known once it can', async () => {
    mark('9 shanghai trading');
    let isSilent = true;
    place.elbv2.order('DescribeTags', async () => (isSilent ? new Promise<void>(() => {}) : undefined), 99);
    const target = place.target({}, { budgetMs: 900 });
    const reading = await target.read();
    expect(reading).toMatchObject({
      status: 'read',
      markerUnread: expect.stringContaining('warren:epoch was not read'),
    });
    expect(reading).not.toHaveProperty('markerEpoch');
    isSilent = false;
    expect(await target.read()).toMatchObject({ status: 'read', markerEpoch: 9 });
    expect(await target.read()).not.toHaveProperty('markerUnread');
  });

  test('that was not asked for, because no time was left, is known once there is time', async () => {
    mark('9 shanghai trading');
    let lateMs = 0;
    const clock = { ...systemClock, monotonicMs: () => systemClock.monotonicMs() + lateMs };
    place.elbv2.order('DescribeListeners', async () => {
      lateMs += 2_400;
    });
    const target = place.target({}, { clock });
    expect(await target.read()).toMatchObject({
      active: 'beijing',
      markerUnread: expect.stringContaining('no time was left for elasticloadbalancing:DescribeTags'),
    });
    expect(await target.read()).toMatchObject({ markerEpoch: 9 });
  });

  test('that is refused to credentials which have just expired is known once there are others', async () => {
    mark('9 shanghai trading');
    place.elbv2.order('DescribeTags', 'expired');
    const target = place.target();
    expect(await target.read()).toHaveProperty('markerUnread');
    expect(await target.read()).toMatchObject({ markerEpoch: 9 });
  });

  test('that may not be read is none: permission for it is optional', async () => {
    mark('9 shanghai trading');
    place.elbv2.order('DescribeTags', 'forbid', 99);
    const reading = await place.target().read();
    expect(reading).toMatchObject({ status: 'read', active: 'beijing' });
    expect(reading).not.toHaveProperty('markerUnread');
    expect(reading).not.toHaveProperty('markerEpoch');
  });

  test.each(['forbid', 'hang', 'error', 'drop'] as const)(
    'that is not written ("%s") undoes nothing',
    async (fault) => {
      place.elbv2.order('AddTags', fault, 9);
      const reading = await place.target({}, { budgetMs: 900 }).flip('shanghai', 7);
      expect(reading).toMatchObject({ active: 'shanghai' });
      expect(reading.detail).toContain('the tag warren:epoch was not written: ');
      expect(place.tag()).toBeUndefined();
    },
  );
});

test('who is overtaken with the change on its way finds the newer tag when it reads back, and does not call it done', async () => {
  const [arrived, released] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  place.elbv2.order('ModifyListener', () => {
    arrived.resolve();
    return released.promise;
  });
  const stale = place
    .target()
    .flip('shanghai', 6)
    .catch((error: Error) => error.message);
  await arrived.promise;
  await place.target().flip('beijing', 7);
  released.resolve();
  expect(await stale).toMatch(/the flip to shanghai was accepted, but not seen: standing down: .* beijing by epoch 7/);
  expect(place.tag()).toBe('7 beijing trading');
  // The service has no conditional write, so the change itself went through: the pair's drift repair mends it.
  expect(place.weights()).toEqual({ beijing: 0, shanghai: 100 });
  expect(await place.target().flip('beijing', 7)).toMatchObject({ active: 'beijing' });
});

test('an edit between the write and reading back is overwritten once more', async () => {
  place.elbv2.order('DescribeListeners', async () => {});
  place.elbv2.order('DescribeListeners', async () => place.weigh({ beijing: 1, shanghai: 1 }));
  expect(await place.target().flip('shanghai', 1)).toMatchObject({ active: 'shanghai' });
  expect(place.elbv2.states).toHaveLength(2);
});

test('who finds somebody else writing again and again gives up', async () => {
  place.elbv2.order('DescribeListeners', async () => place.weigh({ beijing: 1, spare: 1 }), 20);
  await expect(place.target().flip('shanghai', 1)).rejects.toThrow(
    /was accepted, but not seen: somebody else keeps changing it/,
  );
});
