import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { read } from '../../contracts/target.ts';
import { emptyStates, forwardTo, openPlace, type Place } from './place.ts';

let place: Place;
beforeEach(async () => {
  place = await openPlace();
  place.weigh({ beijing: 100, shanghai: 0 });
});
afterEach(async () => {
  expect(emptyStates(place.elbv2)).toEqual([]);
  await place.close();
});

async function reopen(kind: 'application' | 'rule'): Promise<void> {
  await place.close();
  place = await openPlace(kind);
}

const counted = (operation: string) => place.elbv2.requests.filter((each) => each === operation).length;

describe('a flip', () => {
  test('moves all the weight with one change, reads it back, and signs with its epoch', async () => {
    expect(await place.target().flip('shanghai', 7)).toEqual({
      target: `elbv2:${place.arn}`,
      status: 'read',
      active: 'shanghai',
      instance: place.arn,
      uptimeMs: expect.any(Number),
      detail: 'beijing 0, shanghai 100; tag warren:epoch: 7 shanghai trading',
    });
    expect(place.weights()).toEqual({ beijing: 0, shanghai: 100 });
    expect(place.elbv2.states).toHaveLength(1);
    expect(place.tag()).toBe('7 shanghai trading');
  });

  test('that is repeated verifies and writes nothing', async () => {
    await place.target().flip('shanghai', 7);
    place.elbv2.requests.length = 0;
    await place.target().flip('shanghai', 7);
    expect(place.elbv2.requests.toSorted()).toEqual(['DescribeListeners', 'DescribeTags', 'DescribeTargetHealth']);
  });

  test('by a newer epoch to the same site replaces the tag alone', async () => {
    await place.target().flip('shanghai', 7);
    await place.target().flip('shanghai', 8);
    expect(place.elbv2.states).toHaveLength(1);
    expect(place.tag()).toBe('8 shanghai trading');
  });

  test('replaces a forward action to a single group, whose destination has not been checked by anybody', async () => {
    place.elbv2.edit(place.arn, [{ Type: 'forward', TargetGroupArn: place.elbv2.groups.beijing.arn }]);
    expect(await read(place.target())).toMatchObject({
      active: 'beijing',
      detail: 'beijing 1; not as Warren would write it',
    });
    expect((await place.target().flip('shanghai', 1)).detail).toMatch(
      /^beijing 0, shanghai 100; the health of shanghai's targets is unknown: 2 unchecked; tag/,
    );
  });

  test('keeps stickiness, and leaves a foreign group without weight where it is', async () => {
    const sticky = { TargetGroupStickinessConfig: { Enabled: 'true' } };
    place.weigh({ spare: 3, beijing: 1 }, sticky);
    expect(await place.target().flip('shanghai', 1)).toMatchObject({
      active: 'shanghai',
      detail: expect.stringContaining('stickiness is on: clients may stay where they were'),
    });
    expect(place.weights()).toEqual({ beijing: 0, shanghai: 100, spare: 0 });
    expect(place.elbv2.actionsOf(place.arn)).toMatchObject([{ ForwardConfig: sticky }]);
  });

  test('keeps what comes before the forward action, and the secret that is never told', async () => {
    await reopen('application');
    const config = { Issuer: 'https://id.example.com', ClientId: 'warren' };
    const login = {
      Type: 'authenticate-oidc',
      Order: '1',
      AuthenticateOidcConfig: { ...config, ClientSecret: 'secret' },
    };
    const sticky = { TargetGroupStickinessConfig: { Enabled: 'true', DurationSeconds: '3600' } };
    const forward = { ...forwardTo(place.elbv2, { beijing: 100, shanghai: 0 }, sticky), Order: '2' };
    place.elbv2.edit(place.arn, [login, forward]);
    await place.target().flip('shanghai', 1);
    expect(place.elbv2.actionsOf(place.arn)).toMatchObject([
      { Type: 'authenticate-oidc', Order: '1', AuthenticateOidcConfig: config },
      { Type: 'forward', Order: '2', ForwardConfig: sticky },
    ]);
  });

  test('of a rule leaves the listener and its default rule alone', async () => {
    await reopen('rule');
    const before = place.elbv2.actionsOf(place.elbv2.listener);
    await place.target().flip('shanghai', 1);
    expect(place.weights()).toEqual({ beijing: 0, shanghai: 100 });
    expect(place.elbv2.actionsOf(place.elbv2.listener)).toEqual(before);
    expect(place.tag()).toBe('1 shanghai trading');
  });

  test('of a default rule is refused by AWS, and nothing is written', async () => {
    await reopen('rule');
    const target = place.target({ rule: place.elbv2.defaultRule ?? '' });
    await expect(target.flip('shanghai', 1)).rejects.toThrow(
      /nothing was written for shanghai: .*OperationNotPermitted.*: Default rules cannot be modified/,
    );
  });
});

describe('a destination', () => {
  const fill = (state: 'unhealthy' | 'draining' | 'initial' | 'healthy' | 'unavailable', index?: number) => {
    for (const [at, target] of place.elbv2.groups.shanghai.targets.entries())
      if (index === undefined || at === index) target.state = state;
  };

  test('without a target that takes connections is refused, and nothing is written', async () => {
    fill('unhealthy');
    fill('draining', 0);
    await expect(place.target().flip('shanghai', 1)).rejects.toMatchObject({
      name: 'TargetError',
      message: `elbv2:${place.arn}: nothing was written for shanghai: no target of shanghai takes connections (1 draining, 1 unhealthy): ${place.elbv2.groups.shanghai.arn}`,
    });
    expect(place.weights()).toEqual({ beijing: 100, shanghai: 0 });
    expect(counted('ModifyListener')).toBe(0);
  });

  test('without any target is refused', async () => {
    place.elbv2.groups.shanghai.targets = [];
    await expect(place.target().flip('shanghai', 1)).rejects.toThrow(/takes connections \(none is registered\)/);
  });

  test.each(['healthy', 'initial'] as const)('with one %s target is fit', async (state) => {
    fill('unhealthy');
    fill(state, 1);
    expect(await place.target().flip('shanghai', 1)).toMatchObject({ active: 'shanghai' });
  });

  test('whose health is not checked is not refused, and that is said', async () => {
    fill('unavailable');
    expect((await place.target().flip('shanghai', 1)).detail).toContain(
      "the health of shanghai's targets is unknown: 2 unchecked",
    );
  });

  test.each([
    ['forbid', /health of shanghai's targets is unknown: IAM does not allow elasticloadbalancing:DescribeTargetHealth/],
    ['unavailable', /health of shanghai's targets is unknown: .* 500 HealthUnavailable/],
    ['hang', /health of shanghai's targets is unknown: .* did not answer .*DescribeTargetHealth/],
  ] as const)('whose health cannot be read ("%s") is not refused, and that is said', async (fault, detail) => {
    place.elbv2.order('DescribeTargetHealth', fault, 20);
    expect((await place.target().flip('shanghai', 1)).detail).toMatch(detail);
    expect(place.weights()).toEqual({ beijing: 0, shanghai: 100 });
  });

  test('that traffic is at already may be signed, however it is', async () => {
    place.elbv2.groups.beijing.targets = [];
    expect(await place.target().flip('beijing', 3)).toMatchObject({ active: 'beijing' });
  });
});

describe('a reading', () => {
  test('takes a single request, but for the first, which looks for the tag of an earlier Warren as well', async () => {
    const target = place.target();
    await target.flip('shanghai', 7);
    place.elbv2.requests.length = 0;
    expect(await read(target)).toMatchObject({ markerEpoch: 7 });
    expect(place.elbv2.requests.toSorted()).toEqual(['DescribeListeners', 'DescribeTags']);
    place.elbv2.requests.length = 0;
    expect(await read(target)).toMatchObject({ markerEpoch: 7 });
    expect(place.elbv2.requests).toEqual(['DescribeListeners']);
  });

  test.each([
    ['weight on both', { beijing: 1, shanghai: 999 }, 'split', 'beijing 1, shanghai 999'],
    ['weight on a foreign group', { beijing: 9, spare: 1 }, 'split', 'beijing 9, of neither site: targetgroup/spare'],
    ['a foreign group alone', { spare: 1 }, 'split', 'of neither site: targetgroup/spare'],
    ['a foreign group without weight', { beijing: 9, spare: 0 }, 'beijing', 'not as Warren would write it'],
    ['no weight', { beijing: 0, shanghai: 0 }, 'none', 'no target group weighs anything'],
    ['other weights than ours', { beijing: 0, shanghai: 1 }, 'shanghai', 'not as Warren would write it'],
  ])('of %s says so', async (_, weights, active, detail) => {
    place.weigh(weights);
    expect(await read(place.target())).toMatchObject({ active, detail: expect.stringContaining(detail) });
  });

  test('of a fixed response is none, and a flip replaces it', async () => {
    await reopen('application');
    place.elbv2.edit(place.arn, [{ Type: 'fixed-response', FixedResponseConfig: { StatusCode: '503' } }]);
    expect(await read(place.target())).toMatchObject({
      active: 'none',
      detail: 'forwards nowhere: the action is fixed-response',
    });
    expect(await place.target().flip('shanghai', 1)).toMatchObject({ active: 'shanghai' });
  });
});
