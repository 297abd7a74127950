import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { systemClock } from '../../../adapters/system/clock.ts';
import { TargetError } from '../../../core/flow/ports.ts';
import { timed } from '../../support/timed.ts';
import { emptyStates, openPlace, type Place, record, simpleSet, values } from './place.ts';

let place: Place;
beforeEach(async () => {
  place = await openPlace();
  place.route53.edit(record, [simpleSet(values.beijing)]);
});
afterEach(async () => {
  expect(emptyStates(place.route53)).toEqual([]);
  await place.close();
});

describe('a flip', () => {
  test('whose answer is lost after the change was made is found to be done', async () => {
    place.route53.order('ChangeResourceRecordSets', 'take-and-drop');
    expect(await place.target().flip('shanghai', 3)).toMatchObject({ active: 'shanghai' });
    expect(place.route53.states).toHaveLength(1);
  });

  test('whose request is lost is sent again', async () => {
    place.route53.order('ChangeResourceRecordSets', 'drop');
    expect(await place.target().flip('shanghai', 3)).toMatchObject({ active: 'shanghai' });
    expect(place.route53.states).toHaveLength(1);
  });

  test('that is answered with an internal error is looked up, and sent again', async () => {
    place.route53.order('ChangeResourceRecordSets', 'error', 2);
    expect(await place.target().flip('shanghai', 3)).toMatchObject({ active: 'shanghai' });
  });

  test.each(['throttle', 'busy'] as const)('that meets "%s" waits a little and tries again', async (fault) => {
    place.route53.order('ListResourceRecordSets', fault);
    place.route53.order('ChangeResourceRecordSets', fault, 2);
    const { outcome, tookMs } = await timed(() => place.target().flip('shanghai', 3));
    expect(outcome).toMatchObject({ active: 'shanghai' });
    expect(tookMs).toBeGreaterThan(500);
  });

  test('that is throttled for good ends within its budget, and says that nothing was written', async () => {
    place.route53.order('ChangeResourceRecordSets', 'throttle', 50);
    const { outcome, tookMs } = await timed(() => place.target({}, { budgetMs: 700 }).flip('shanghai', 3));
    expect(outcome).toBeInstanceOf(TargetError);
    expect((outcome as Error).message).toMatch(
      /: nothing was written for shanghai: Route 53 throttles route53:ChangeResourceRecordSets \(5 requests a second for the whole account\)$/,
    );
    expect(tookMs).toBeLessThan(750);
    expect(place.route53.requests.length).toBeLessThan(6);
  });

  test('that is not answered in time says that its outcome is unknown, and the next one verifies', async () => {
    const late = Promise.withResolvers<void>();
    place.route53.order('ChangeResourceRecordSets', () => late.promise);
    const { outcome, tookMs } = await timed(() =>
      place.target({}, { budgetMs: 400, requestTimeoutMs: 390 }).flip('shanghai', 3),
    );
    expect((outcome as Error).message).toMatch(
      /the outcome of the flip to shanghai is unknown: Route 53 did not answer route53:ChangeResourceRecordSets within \d+ ms$/,
    );
    expect(tookMs).toBeLessThan(450);
    late.resolve();
    while (place.route53.states.length === 0) await systemClock.sleep(5);
    expect(await place.target().flip('shanghai', 3)).toMatchObject({ active: 'shanghai' });
    expect(place.route53.states).toHaveLength(1);
  });

  test('that was accepted but cannot be read back is not called done', async () => {
    place.route53.order('ChangeResourceRecordSets', async () =>
      place.route53.order('ListResourceRecordSets', 'forbid'),
    );
    await expect(place.target().flip('shanghai', 3)).rejects.toThrow(
      /the flip to shanghai was accepted as change C\w+, but not seen: IAM does not allow/,
    );
  });

  test('through slow answers is done as long as they fit into the budget', async () => {
    place.route53.delayMs = 150;
    expect(await place.target().flip('shanghai', 3)).toMatchObject({ active: 'shanghai' });
  });

  test('gives up when somebody keeps changing the record', async () => {
    const meddle = async () => place.route53.edit(record, [simpleSet([`203.0.113.${place.route53.requests.length}`])]);
    place.route53.order('ChangeResourceRecordSets', meddle, 20);
    await expect(place.target().flip('shanghai', 3)).rejects.toThrow(
      /nothing was written for shanghai: Route 53 refused the batch: .*do not match the current values/,
    );
  });

  test('is told whether it has spread; not being allowed to ask, or PENDING, does not undo it', async () => {
    place.route53.order('GetChange', 'forbid');
    expect((await place.target().flip('shanghai', 3)).detail).toMatch(
      /how far change C\w+ has spread is unknown: IAM does not allow route53:GetChange/,
    );
    await place.close();
    place = await openPlace({ syncsItself: false });
    place.route53.edit(record, [simpleSet(values.beijing)]);
    expect((await place.target().flip('shanghai', 3)).detail).toMatch(/change C\w+ is PENDING/);
  });
});

test('within the rate that Route 53 really has, a few flips in a row go through', async () => {
  await place.close();
  place = await openPlace({ requestsPerSecond: 5 });
  place.route53.edit(record, [simpleSet(values.beijing)]);
  for (const [epoch, site] of ['shanghai', 'beijing', 'shanghai'].entries())
    expect(await place.target().flip(site, epoch + 1)).toMatchObject({ active: site });
});

test('a vantage so far away that opening a connection takes longer than a request may reads all the same', async () => {
  await place.target().flip('shanghai', 3);
  place.route53.connections.openingMs = 500;
  expect(await place.target({}, { budgetMs: 900 }).read()).toMatchObject({ active: 'shanghai', markerEpoch: 3 });
});

test('a reading that is throttled is asked once more, and no more often', async () => {
  place.route53.order('ListResourceRecordSets', 'throttle');
  expect(await place.target().read()).toMatchObject({ status: 'read', active: 'beijing' });
  place.route53.requests.length = 0;
  place.route53.order('ListResourceRecordSets', 'throttle', 20);
  expect(await place.target().read()).toMatchObject({ status: 'unreadable' });
  expect(place.route53.requests).toHaveLength(2);
});

describe('it is unreadable, in one sentence,', () => {
  const zone = 'Z0123456789EXAMPLE';
  test.each([
    ['forbid', `IAM does not allow route53:ListResourceRecordSets on zone ${zone}`],
    [
      'expired',
      'AWS does not accept the credentials: ExpiredToken: The security token included in the request is expired',
    ],
    ['throttle', 'Route 53 throttles route53:ListResourceRecordSets (5 requests a second for the whole account)'],
    ['error', 'Route 53 answered route53:ListResourceRecordSets with 500 InternalFailure: Internal failure'],
    ['hang', 'Route 53 did not answer route53:ListResourceRecordSets within 200 ms'],
    [
      'drop',
      expect.stringMatching(/^Route 53 did not answer route53:ListResourceRecordSets: (ECONNRESET|.*socket hang up)$/),
    ],
  ] as const)('on "%s"', async (fault, detail) => {
    const target = place.target({}, { budgetMs: 250, requestTimeoutMs: 200 });
    await target.read();
    place.route53.order('ListResourceRecordSets', fault, 20);
    const { outcome, tookMs } = await timed(() => target.read());
    expect(outcome).toEqual({ target: `route53:${zone}/${record}/A`, status: 'unreadable', detail });
    expect(tookMs).toBeLessThan(300);
  });

  test('without credentials', async () => {
    const home = { HOME: '/nonexistent', AWS_SHARED_CREDENTIALS_FILE: '/nonexistent', AWS_CONFIG_FILE: '/nonexistent' };
    Object.assign(process.env, home);
    delete process.env.AWS_ACCESS_KEY_ID;
    expect(await place.target().read()).toMatchObject({
      detail: 'no AWS credentials for route53:ListResourceRecordSets were found',
    });
  });

  test('when there is no such zone', async () => {
    expect(await place.target({ zone: 'ZNOWHERE' }).read()).toMatchObject({
      detail: 'there is no hosted zone ZNOWHERE',
    });
  });

  test('when nobody is there', async () => {
    process.env.AWS_ENDPOINT_URL_ROUTE_53 = 'http://127.0.0.1:9';
    await expect(place.target().flip('shanghai', 1)).rejects.toThrow(
      /nothing was written for shanghai: Route 53 did not answer route53:ListResourceRecordSets: ECONNREFUSED/,
    );
  });
});
