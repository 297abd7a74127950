import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createMemoryStore } from '../../../adapters/memory/store.ts';
import { systemClock } from '../../../adapters/system/clock.ts';
import { parseConfig } from '../../../adapters/system/loadConfig.ts';
import type { Pair } from '../../../core/model/config.ts';
import { restingTargetsOf } from '../../../lambdas/shared/targets.ts';
import { watchOne } from '../../../lambdas/shared/watchOne.ts';
import { openPlace, type Place, record, simpleSet, values } from '../../adapters/route53/place.ts';
import { openSockets, untilSockets } from '../../support/sockets.ts';

const secrets = { configPath: 'warren.yaml', environment: {} };

/** Nobody listens where its nodes are. */
const site = (name: string, port: number) => ({
  nodes: [{ name: `rabbit@${name}`, amqp: `amqp://127.0.0.1:${port}` }],
  vhost: '/',
  probeCredentials: 'env:PROBE',
});

describe('connections to AWS', () => {
  let place: Place;
  let pair: Pair;
  let before: number;
  beforeEach(async () => {
    place = await openPlace();
    place.route53.edit(record, [simpleSet(values.beijing)]);
    const target = { route53: { zone: place.route53.zone, record, values } };
    const sites = { beijing: site('bj', 1), shanghai: site('sh', 2) };
    const one = { name: 'trading', primary: 'beijing', standby: 'shanghai', sites, targets: [target] };
    const config = parseConfig(JSON.stringify({ version: 1, pairs: [one] }), 'test.yaml');
    [pair] = config.pairs as [Pair];
    before = openSockets();
  });
  afterEach(() => place.close());

  test('are closed when the watch of a pair is over', async () => {
    const over = new AbortController();
    const fleet = { maxMoves: 3, windowMs: 60_000 } as never;
    const watch = { pair, fleet, vantage: 'local', holder: 'test', configHash: '' };
    const shared = { store: createMemoryStore(), notifier: { notify: () => {} }, observeOnly: () => false };
    const watching = watchOne(watch, { secrets, shared }, over.signal);
    while (place.route53.requests.length === 0) await systemClock.sleep(10);
    over.abort();
    await watching;
    await untilSockets(before);
  });

  test('are closed after each look of somebody who looks seldom', async () => {
    const context = { clock: systemClock, secretText: async () => '' };
    const [target] = restingTargetsOf(pair, context);
    for (const _ of [1, 2]) {
      expect(await target?.read()).toMatchObject({ status: 'read', active: 'beijing' });
      await untilSockets(before);
    }
    expect(place.route53.requests).toHaveLength(2);
  });
});
