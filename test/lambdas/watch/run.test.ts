import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { parseConfig } from '../../../adapters/system/loadConfig.ts';
import { reserveSeconds, timeoutSeconds } from '../../../lambdas/watch/contract.ts';
import { runWatches } from '../../../lambdas/watch/run.ts';
import { useCredentials } from '../../adapters/dynamodb/place.ts';
import { type DynamodbServer, newTables, region, startDynalite } from '../../support/aws/dynamodb.ts';
import { timed } from '../../support/timed.ts';

useCredentials();

let dynamodb: DynamodbServer;
let silent: Server;
let asked = 0;
beforeAll(async () => {
  dynamodb = await startDynalite();
  process.env.AWS_ENDPOINT_URL_DYNAMODB = dynamodb.url;
  silent = createServer(() => {
    asked += 1;
  });
  await once(silent.listen(0, '127.0.0.1'), 'listening');
});
afterAll(async () => {
  delete process.env.AWS_ENDPOINT_URL_DYNAMODB;
  silent.closeAllConnections();
  await new Promise((resolve) => silent.close(resolve));
  await dynamodb.close();
});

/** Nobody listens where its nodes and its load balancer are. */
function settingsWith(names: { stateTable: string; historyTable: string }, port: number) {
  const site = (name: string, at: number) => ({
    nodes: [{ name: `rabbit@${name}`, amqp: `amqp://127.0.0.1:${at}` }],
    probeCredentials: 'env:PROBE',
  });
  const pair = {
    name: 'trading',
    primary: 'beijing',
    standby: 'shanghai',
    sites: { beijing: site('bj', 1), shanghai: site('sh', 2) },
    targets: [{ haproxy: { address: '127.0.0.1:3', backend: 'amqp', servers: { beijing: ['bj'], shanghai: ['sh'] } } }],
    notify: [{ webhook: { url: 'env:HOOK', severity: 'info' } }],
  };
  const config = parseConfig(JSON.stringify({ version: 1, pairs: [pair] }), 'test.yaml');
  return {
    config,
    configPath: 'test.yaml',
    environment: { HOOK: `http://127.0.0.1:${port}/` },
    vantage: undefined,
    storeRegion: region,
    ...names,
  };
}

test('a run ends within its reserve, also when those that are to be told do not answer', async () => {
  const names = await newTables(dynamodb.url, 'run');
  const { port } = silent.address() as AddressInfo;
  const logger = { info: () => {}, warn: () => {}, error: () => {} };
  const [runMs, reserveMs] = [500, 1_500];
  const { outcome, tookMs } = await timed(() =>
    runWatches({
      settings: settingsWith(names, port) as never,
      logger: logger as never,
      runMs,
      reserveMs,
      holder: 'test',
      publish: () => {},
    }),
  );
  expect(outcome).toMatchObject({ pairs: [{ pair: 'trading' }] });
  expect(asked).toBeGreaterThan(0);
  expect(tookMs).toBeLessThan(runMs + reserveMs);
});

test('runs overlap: the next begins before one has stopped to watch', () => {
  expect(timeoutSeconds - reserveSeconds).toBeGreaterThan(60);
});
