import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { systemClock } from '../../../adapters/system/clock.ts';
import { TargetError } from '../../../core/flow/ports.ts';
import { timed } from '../../support/timed.ts';
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

describe('a flip', () => {
  test('whose answer is lost after the change was made is found to be done', async () => {
    place.elbv2.order('ModifyListener', 'take-and-drop');
    expect(await place.target().flip('shanghai', 3)).toMatchObject({ active: 'shanghai' });
    expect(place.elbv2.states).toHaveLength(1);
  });

  test.each(['drop', 'error'] as const)('that meets "%s" is looked up, and sent again', async (fault) => {
    place.elbv2.order('ModifyListener', fault, 2);
    expect(await place.target().flip('shanghai', 3)).toMatchObject({ active: 'shanghai' });
    expect(place.elbv2.states).toHaveLength(1);
  });

  test('that is throttled waits a little and tries again', async () => {
    place.elbv2.order('DescribeListeners', 'throttle');
    place.elbv2.order('ModifyListener', 'throttle', 2);
    const { outcome, tookMs } = await timed(() => place.target().flip('shanghai', 3));
    expect(outcome).toMatchObject({ active: 'shanghai' });
    expect(tookMs).toBeGreaterThan(350);
  });

  test('that is throttled for good ends within its budget, and says that nothing was written', async () => {
    place.elbv2.order('ModifyListener', 'throttle', 50);
    const { outcome, tookMs } = await timed(() => place.target({}, { budgetMs: 700 }).flip('shanghai', 3));
    expect(outcome).toBeInstanceOf(TargetError);
    expect((outcome as Error).message).toMatch(
      /: nothing was written for shanghai: Elastic Load Balancing throttles elasticloadbalancing:ModifyListener$/,
    );
    expect(tookMs).toBeLessThan(900);
  });

  test('that is not answered in time says that its outcome is unknown, and the next one verifies', async () => {
    const late = Promise.withResolvers<void>();
    place.elbv2.order('ModifyListener', () => late.promise);
    const { outcome, tookMs } = await timed(() =>
      place.target({}, { budgetMs: 400, requestTimeoutMs: 390 }).flip('shanghai', 3),
    );
    expect((outcome as Error).message).toMatch(
      /the outcome of the flip to shanghai is unknown: .* did not answer elasticloadbalancing:ModifyListener within \d+ ms$/,
    );
    expect(tookMs).toBeLessThan(600);
    late.resolve();
    while (place.elbv2.states.length === 0) await systemClock.sleep(5);
    expect(await place.target().flip('shanghai', 3)).toMatchObject({ active: 'shanghai' });
    expect(place.elbv2.states).toHaveLength(1);
  });

  test('that was accepted but cannot be read back is not called done', async () => {
    place.elbv2.order('ModifyListener', async () => place.elbv2.order('DescribeListeners', 'forbid'));
    await expect(place.target().flip('shanghai', 3)).rejects.toThrow(
      /the flip to shanghai was accepted, but not seen: IAM does not allow elasticloadbalancing:DescribeListeners/,
    );
  });

  test('that IAM does not allow names the action and the listener', async () => {
    place.elbv2.order('ModifyListener', 'forbid');
    await expect(place.target().flip('shanghai', 3)).rejects.toThrow(
      `nothing was written for shanghai: IAM does not allow elasticloadbalancing:ModifyListener on ${place.arn}`,
    );
  });

  test.each([150, 350])('through answers that take %d ms is done within the budget', async (delayMs) => {
    place.elbv2.delayMs = delayMs;
    const { outcome, tookMs } = await timed(() => place.target().flip('shanghai', 3));
    expect(outcome).toMatchObject({ active: 'shanghai' });
    expect(tookMs).toBeLessThan(2_500);
  });

  test('goes through though tags and health are never answered', async () => {
    place.elbv2.order('DescribeTags', 'hang', 20);
    place.elbv2.order('DescribeTargetHealth', 'hang', 20);
    const { outcome, tookMs } = await timed(() => place.target({}, { budgetMs: 900 }).flip('shanghai', 3));
    expect(outcome).toMatchObject({ active: 'shanghai' });
    expect(tookMs).toBeLessThan(1_100);
  });

  test('to a target group that does not exist is a TargetError, and nothing is written', async () => {
    const { beijing, shanghai } = place.elbv2.groups;
    const gone = { beijing: beijing.arn, shanghai: shanghai.arn.replace('/sh/', '/gone/') };
    const target = place.target({ targetGroups: gone });
    await expect(target.flip('shanghai', 3)).rejects.toThrow(
      /nothing was written for shanghai: a target group of elasticloadbalancing:ModifyListener does not exist/,
    );
  });

  test('to a group of a protocol that the listener does not take is a TargetError in the words of AWS', async () => {
    const { beijing, odd } = place.elbv2.groups;
    const target = place.target({ targetGroups: { beijing: beijing.arn, shanghai: odd.arn } });
    await expect(target.flip('shanghai', 3)).rejects.toThrow(/400 IncompatibleProtocols.*: Listener protocol 'TCP'/);
  });
});

test('a Region so far away that opening a connection takes longer than a request may is read all the same, tag and all', async () => {
  await place.target().flip('shanghai', 3);
  const opened = place.elbv2.connections.opened;
  place.elbv2.connections.openingMs = 500;
  expect(await place.target({}, { budgetMs: 900 }).read()).toMatchObject({ active: 'shanghai', markerEpoch: 3 });
  expect(place.elbv2.connections.opened).toBe(opened + 1);
});

describe('it is unreadable, in one sentence,', () => {
  const action = 'elasticloadbalancing:DescribeListeners';
  test.each([
    ['forbid', expect.stringMatching(`^IAM does not allow ${action} on arn:aws:elasticloadbalancing:.*:listener/net/`)],
    [
      'expired',
      'AWS does not accept the credentials: ExpiredToken: The security token included in the request is expired',
    ],
    ['throttle', `Elastic Load Balancing throttles ${action}`],
    ['error', `Elastic Load Balancing answered ${action} with 500 InternalFailure: Internal failure`],
    ['hang', `Elastic Load Balancing did not answer ${action} within 200 ms`],
    ['drop', expect.stringMatching(`^Elastic Load Balancing did not answer ${action}: (ECONNRESET|.*socket hang up)$`)],
  ] as const)('on "%s"', async (fault, detail) => {
    const target = place.target({}, { budgetMs: 250, requestTimeoutMs: 200 });
    await target.read();
    place.elbv2.order('DescribeListeners', fault, 20);
    const { outcome, tookMs } = await timed(() => target.read());
    expect(outcome).toEqual({ target: `elbv2:${place.arn}`, status: 'unreadable', detail });
    expect(tookMs).toBeLessThan(450);
  });

  test('without credentials', async () => {
    const home = { HOME: '/nonexistent', AWS_SHARED_CREDENTIALS_FILE: '/nonexistent', AWS_CONFIG_FILE: '/nonexistent' };
    Object.assign(process.env, home);
    delete process.env.AWS_ACCESS_KEY_ID;
    expect(await place.target().read()).toMatchObject({ detail: `no AWS credentials for ${action} were found` });
  });

  test('when there is no such listener', async () => {
    const listener = place.arn.replace('/amqp/', '/other/');
    expect(await place.target({ listener }).read()).toMatchObject({ detail: `there is no listener ${listener}` });
  });

  test('when there is no such rule', async () => {
    const rule = place.arn.replace('listener/net', 'listener-rule/app').concat('/0123456789abcdef');
    const target = place.target({ listener: undefined, rule });
    expect(await target.read()).toMatchObject({ detail: `there is no rule ${rule}` });
  });

  test('when nobody is there', async () => {
    process.env.AWS_ENDPOINT_URL_ELASTIC_LOAD_BALANCING_V2 = 'http://127.0.0.1:9';
    await expect(place.target().flip('shanghai', 1)).rejects.toThrow(
      /nothing was written for shanghai: Elastic Load Balancing did not answer .*DescribeListeners: ECONNREFUSED/,
    );
  });
});
