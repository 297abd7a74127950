import { afterEach, expect, test } from '@jest/globals';
import { createFencer } from '../../../adapters/rabbitmq/fence.ts';
import { limitIn } from '../../../adapters/rabbitmq/fenceAnswers.ts';
import { systemClock } from '../../../adapters/system/clock.ts';
import { configSchema } from '../../../core/model/config.ts';
import { describeFencerContract, type FencerPlace, verdictsOf } from '../../contracts/fencer.ts';
import { application, FakeCluster, operator } from './fakeManagement.ts';

const users = ['app', 'batch'];

interface StartOptions {
  fenceUsers?: string[];
  proof?: 'none' | 'app';
  operatorPassword?: () => Promise<string>;
  proofPassword?: () => Promise<string>;
}

async function start(options: StartOptions = {}) {
  const cluster = new FakeCluster(['bj1', 'bj2', 'bj3']);
  const nodes = await cluster.listen();
  const { pairs } = configSchema.parse({
    version: 1,
    pairs: [
      {
        name: 'trading',
        primary: 'beijing',
        standby: 'shanghai',
        sites: {
          beijing: { nodes, probeCredentials: 'env:X', fenceUsers: options.fenceUsers ?? ['app', 'batch'] },
          shanghai: { nodes: [{ name: 'sh1', amqp: 'amqp://127.0.0.1:1' }], probeCredentials: 'env:X' },
        },
        targets: [{ haproxy: { address: '127.0.0.1:1', backend: 'x', servers: { beijing: ['a'], shanghai: ['b'] } } }],
      },
    ],
  });
  const [pair] = pairs;
  if (!pair) throw new Error('no pair');
  const operatorPassword = options.operatorPassword ?? (async () => operator.password);
  const proofPassword = options.proofPassword ?? (async () => application.password);
  const login = (username: string, password: () => Promise<string>) => async () => ({
    username,
    password: await password(),
  });
  const fencer = createFencer({
    pair,
    vantage: 'here',
    clock: systemClock,
    credentials: {
      beijing: {
        operator: login(operator.username, operatorPassword),
        proof: options.proof === 'none' ? null : login(application.username, proofPassword),
      },
    },
  });
  started.push(fencer, cluster);
  return { cluster, fencer };
}

const started: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const thing of started.splice(0)) await thing.close();
});

describeFencerContract('the RabbitMQ fencer', async (): Promise<FencerPlace> => {
  const { cluster, fencer } = await start();
  return {
    fencer,
    setLimit(user, value) {
      if (value === null) cluster.limits.delete(user);
      else cluster.limits.set(user, { 'max-connections': value });
    },
    limitAt: (node, user) => cluster.node(node).limits.get(user)?.['max-connections'] ?? null,
    connect(user, count) {
      for (let index = 0; index < count; index += 1) cluster.connections.push({ user, node: `bj${1 + (index % 3)}` });
    },
    connections: (user) => cluster.connections.filter((connection) => connection.user === user).length,
    setQueue: (name, messages) => void cluster.queues.set(name, messages),
    async setNode(name, state) {
      const node = cluster.node(name);
      if (state === 'silent') node.silent = true;
      else await node.stop();
    },
    async timed(work) {
      const startedAtMs = systemClock.monotonicMs();
      const result = await work();
      return { result, tookMs: systemClock.monotonicMs() - startedAtMs };
    },
    async remove() {
      expect(cluster.mistakes).toEqual([]);
    },
  };
});

const detailOf = (reading: { nodes: { node: string; detail: string }[] }, name = 'bj1') =>
  reading.nodes.find(({ node }) => node === name)?.detail ?? '';

test('a wrong operator password is unknown, says which setting it is, and is tried once at each node', async () => {
  const wrong = 'not+it%21';
  const { cluster, fencer } = await start({ operatorPassword: async () => wrong });
  for (const reading of [await fencer.set('beijing', users, 1_000), await fencer.look('beijing', users, 1_000)]) {
    expect(verdictsOf(reading)).toEqual({ bj1: 'unknown', bj2: 'unknown', bj3: 'unknown' });
    expect(detailOf(reading)).toContain('operatorCredentials');
    expect(JSON.stringify(reading)).not.toContain(wrong);
  }
  const logins = cluster.node('bj1').asked.filter((call) => call === 'GET /api/whoami' || !call.startsWith('GET'));
  expect(logins).toEqual(['GET /api/whoami']);
  await expect(fencer.readLimits('beijing', users, 1_000)).rejects.toThrow('operatorCredentials');
});

test('an operator that is no administrator is unknown, and says so', async () => {
  const { cluster, fencer } = await start();
  cluster.operatorTag = 'monitoring';
  const reading = await fencer.set('beijing', users, 1_000);
  expect(verdictsOf(reading)).toEqual({ bj1: 'unknown', bj2: 'unknown', bj3: 'unknown' });
  expect(detailOf(reading)).toContain('administrator');
});

test('credentials that cannot be read are unknown, and nothing is asked', async () => {
  const { cluster, fencer } = await start({ operatorPassword: () => Promise.reject(new Error('hunter2')) });
  const reading = await fencer.set('beijing', users, 1_000);
  expect(detailOf(reading)).toBe('the operatorCredentials could not be read');
  expect(cluster.node('bj1').asked).toEqual([]);
});

test('a login that is accepted although every limit is 0 leaves the node open', async () => {
  const { cluster, fencer } = await start();
  cluster.node('bj2').admits = 'open';
  const reading = await fencer.set('beijing', users, 600);
  expect(verdictsOf(reading)).toEqual({ bj1: 'closed', bj2: 'open', bj3: 'closed' });
  expect(detailOf(reading, 'bj2')).toContain('accepted');
  await cluster.node('bj2').broker.empty();
});

test.each([
  ['another refusal', { code: 530, text: 'NOT_ALLOWED - vhost / not found' }, 'vhost / not found'],
  ['a refusal that repeats the password', { code: 541, text: `oops ${application.password}` }, 'oops ***'],
  ['a limit of something else', { code: 530, text: 'node connection limit (1000) is reached' }, '(1000)'],
  ['silence', 'silent' as const, 'not answered within'],
])('%s proves nothing', async (_, admits, words) => {
  const { cluster, fencer } = await start();
  cluster.node('bj2').admits = admits;
  const reading = await fencer.set('beijing', users, 600);
  expect(verdictsOf(reading)).toEqual({ bj1: 'closed', bj2: 'unknown', bj3: 'closed' });
  expect(detailOf(reading, 'bj2')).toContain(words);
  expect(JSON.stringify(reading)).not.toContain(application.password);
});

test('a wrong password of the application proves nothing, and is tried once', async () => {
  const { cluster, fencer } = await start({ proofPassword: async () => 'not+it%21' });
  const { broker } = cluster.node('bj1');
  broker.behaviour.login = 'refuse';
  const reading = await fencer.set('beijing', users, 600);
  expect(verdictsOf(reading)).toMatchObject({ bj1: 'unknown', bj2: 'closed' });
  expect(detailOf(reading)).toContain('fenceProof');
  // One knock, one login.
  expect(broker.accepted).toBe(2);
});

test('an application password that cannot be read proves nothing', async () => {
  const { fencer } = await start({ proofPassword: () => Promise.reject(new Error('hunter2')) });
  const reading = await fencer.set('beijing', users, 600);
  expect(detailOf(reading)).toContain('fenceProof could not be read');
});

test('a node whose AMQP listener is closed is down, also when its management API answers', async () => {
  const { cluster, fencer } = await start();
  await cluster.node('bj3').broker.close();
  expect(verdictsOf(await fencer.set('beijing', users, 1_000))).toMatchObject({ bj3: 'down' });
});

test('a node that takes AMQP but has no management API is unknown', async () => {
  const { cluster, fencer } = await start();
  await cluster.node('bj3').stopManagement();
  expect(verdictsOf(await fencer.look('beijing', users, 600))).toMatchObject({ bj1: 'open', bj3: 'unknown' });
});

test('while a peer hangs, writes hang too: the nodes are open, connections were tried, and the budget holds', async () => {
  const { cluster, fencer } = await start();
  for (const node of cluster.nodes) node.peerHangs = true;
  cluster.node('bj3').silent = true;
  const startedAtMs = systemClock.monotonicMs();
  const reading = await fencer.set('beijing', users, 800);
  expect(systemClock.monotonicMs() - startedAtMs).toBeLessThan(1_100);
  expect(verdictsOf(reading)).toEqual({ bj1: 'open', bj2: 'open', bj3: 'unknown' });
  expect(detailOf(reading)).toMatch(/the limit of app is none; writing it: .*no answer within/);
  expect(cluster.node('bj1').asked).toContain('DELETE /api/connections/username/app');
});

test('a peer that hangs after the limits were set leaves connections uncounted: unknown', async () => {
  const { cluster, fencer } = await start();
  await fencer.set('beijing', users, 1_000);
  for (const node of cluster.nodes) node.peerHangs = true;
  const reading = await fencer.set('beijing', users, 600);
  expect(verdictsOf(reading)).toEqual({ bj1: 'unknown', bj2: 'unknown', bj3: 'unknown' });
  expect(detailOf(reading)).toContain('connections cannot be counted');
});

test('a split does not hide a node: every one is written to', async () => {
  const { cluster, fencer } = await start();
  cluster.node('bj3').apart = new Map([['app', { 'max-connections': 50 }]]);
  expect(verdictsOf(await fencer.set('beijing', users, 1_000))).toEqual({
    bj1: 'closed',
    bj2: 'closed',
    bj3: 'closed',
  });
  await fencer.release('beijing', { app: null, batch: null }, 1_000);
  expect([...cluster.node('bj3').limits]).toEqual([]);
});

test.each([
  ['of a configured node is its own concern', 'bj2', { bj1: 'closed', bj2: 'open', bj3: 'closed' }],
  ["of a node that is not configured is everybody's concern", 'bj4', { bj1: 'open', bj2: 'open', bj3: 'open' }],
])('a connection that remains %s', async (_, node, verdicts) => {
  const { cluster, fencer } = await start();
  cluster.closes = false;
  cluster.connections.push({ user: 'app', node });
  const reading = await fencer.set('beijing', users, 600);
  expect(verdictsOf(reading)).toEqual(verdicts);
  expect(detailOf(reading, 'bj2')).toContain('connections remain: 1');
});

test('a limit of channels stays as it is', async () => {
  const { cluster, fencer } = await start();
  cluster.limits.set('app', { 'max-channels': 7 });
  const saved = await fencer.readLimits('beijing', users, 1_000);
  await fencer.set('beijing', users, 1_000);
  expect(cluster.limits.get('app')).toEqual({ 'max-channels': 7, 'max-connections': 0 });
  await fencer.release('beijing', saved, 1_000);
  expect(cluster.limits.get('app')).toEqual({ 'max-channels': 7 });
});

test('a name is written into a path as one part of it', async () => {
  const { cluster, fencer } = await start({ fenceUsers: ['app', 'a/b c'] });
  await fencer.set('beijing', ['app', 'a/b c'], 1_000);
  expect(cluster.limits.get('a/b c')).toEqual({ 'max-connections': 0 });
});

test('a user that does not exist there cannot be fenced, and the others are', async () => {
  const { cluster, fencer } = await start({ fenceUsers: ['app', 'ghost'] });
  const reading = await fencer.set('beijing', ['app', 'ghost'], 600);
  expect(verdictsOf(reading)).toEqual({ bj1: 'unknown', bj2: 'unknown', bj3: 'unknown' });
  expect(detailOf(reading)).toContain('no user ghost');
  expect(cluster.limits.get('app')).toEqual({ 'max-connections': 0 });
});

test('a user that was deleted meanwhile does not keep a fence from being released', async () => {
  const { fencer } = await start();
  const reading = await fencer.release('beijing', { app: 50, ghost: 3 }, 1_000);
  expect(verdictsOf(reading)).toEqual({ bj1: 'open', bj2: 'open', bj3: 'open' });
});

test('a limit that cannot be put back is told from one that is not 0', async () => {
  const { cluster, fencer } = await start();
  await fencer.set('beijing', users, 1_000);
  for (const node of cluster.nodes) node.peerHangs = true;
  cluster.node('bj2').apart = new Map([['app', { 'max-connections': 60 }]]);
  const reading = await fencer.release('beijing', { app: 50, batch: null }, 600);
  expect(verdictsOf(reading)).toEqual({ bj1: 'closed', bj2: 'open', bj3: 'closed' });
  expect(detailOf(reading)).toMatch(/the limit of app is 0, and was 50; writing it: .*no answer within/);
  expect(detailOf(reading, 'bj2')).toContain('the limit of app is 60, and was 50');
});

test('without users to fence nothing is ever proven', async () => {
  const { fencer } = await start({ fenceUsers: [] });
  expect(verdictsOf(await fencer.set('beijing', [], 600))).toEqual({
    bj1: 'unknown',
    bj2: 'unknown',
    bj3: 'unknown',
  });
  expect((await fencer.survey('beijing', [], 600)).connections).toBeNull();
});

test('a survey reads every page, and gives no sum when a queue cannot tell', async () => {
  const { cluster, fencer } = await start();
  for (let index = 0; index < 1_100; index += 1) cluster.queues.set(`q${index}`, 1);
  expect(await fencer.survey('beijing', users, 1_000)).toMatchObject({ messages: 1_100 });
  cluster.queues.set('on-a-dead-node', null);
  const survey = await fencer.survey('beijing', users, 1_000);
  expect(survey.messages).toBeNull();
  expect(survey.queues).toHaveLength(10);
});

test.each([
  ['[]', null],
  ['{}', null],
  ['[{"user":"app","value":[]}]', null],
  ['[{"user":"app","value":{}}]', null],
  ['{"user":"app","value":{}}', null],
  ['[{"user":"app","value":{"max-channels":7}}]', null],
  ['[{"user":"app","value":{"max-connections":-1}}]', null],
  ['[{"user":"app","value":{"max-connections":50}}]', 50],
  ['[{"user":"app","value":{"max-connections":0}}]', 0],
  ['[{"user":"app","value":{"max-connections":"many"}}]', undefined],
  ['"a page of a proxy"', undefined],
])('the limit in %s is %s', (body, limit) => {
  expect(limitIn(JSON.parse(body))).toBe(limit);
});

test('closing the fencer ends what is under way', async () => {
  const { cluster, fencer } = await start();
  for (const node of cluster.nodes) node.peerHangs = true;
  const setting = fencer.set('beijing', users, 20_000);
  while (!cluster.node('bj1').asked.some((call) => call.startsWith('PUT'))) await systemClock.sleep(5);
  const startedAtMs = systemClock.monotonicMs();
  await fencer.close();
  expect(verdictsOf(await setting)).toMatchObject({ bj1: 'unknown' });
  expect(systemClock.monotonicMs() - startedAtMs).toBeLessThan(1_000);
});
