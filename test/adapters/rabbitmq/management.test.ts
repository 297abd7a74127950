import { afterEach, expect, test } from '@jest/globals';
import { FakeBroker } from './fakeBroker.ts';
import {
  type Answer,
  FakeManagement,
  FakeServer,
  failuresOf,
  healthy,
  nodeAt,
  passesOf,
  proberOf,
  timeoutMs,
} from './support.ts';

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const thing of open.splice(0).reverse()) await thing.close();
});

async function start(answers: Record<string, Answer>) {
  const broker = new FakeBroker();
  const management = new FakeManagement(answers);
  const node = nodeAt(await broker.listen(), await management.listen());
  const prober = proberOf([node]);
  open.push(broker, management, prober);
  return { broker, management, prober, node };
}

const failed = (detail: object): Answer => ({ status: 503, body: { status: 'failed', ...detail } });
const alarm = failed({ alarms: [{ node: 'rabbit@bj2', resource: 'memory' }] });

test.each<[string, Record<string, Answer>, string[]]>([
  ['all is well', {}, []],
  ['no check is known', { '*': { status: 404 } }, []],
  ['the password is wrong', { '*': { status: 401 } }, ['management auth']],
  ['it answers 500', { '*': { status: 500 } }, ['management management-only']],
  ['a proxy answers 503', { '/api/health/checks/alarms': { status: 503 } }, ['management management-only']],
  ['it is silent', { '*': 'silent' }, ['management management-only']],
  ['it sends more than anyone asked for', { '/api/nodes': 'huge' }, ['management management-only']],
  [
    'the vhost is down',
    { '/api/health/checks/virtual-hosts': failed({ 'virtual-hosts': ['/'] }) },
    ['management not-allowed'],
  ],
  ['another vhost is down', { '/api/health/checks/virtual-hosts': failed({ 'virtual-hosts': ['/x'] }) }, []],
  [
    'the node is not in service',
    { '/api/health/checks/is-in-service': failed({ reason: 'x' }) },
    ['management draining'],
  ],
  [
    'the cluster is split',
    { '/api/nodes': { status: 200, body: [{ name: 'rabbit@bj1', partitions: ['rabbit@bj3'] }] } },
    ['management partitioned'],
  ],
])('the management API: %s', async (_, answers, expected) => {
  const rest = '*' in answers ? {} : healthy;
  const { prober, node } = await start({ ...rest, ...answers });
  const probe = await prober.probe('beijing', node, 'full');
  expect(failuresOf(probe)).toEqual(expected);
  expect(passesOf(probe)).toContain('publish-confirm-get');
  expect(probe.finishedAtMs - probe.startedAtMs).toBeLessThan(timeoutMs * 3);
});

test('a path that the version does not have is asked for once', async () => {
  const { prober, node, management } = await start(healthy);
  await prober.probe('beijing', node, 'full');
  await prober.probe('beijing', node, 'full');
  await prober.probe('beijing', node, 'full');
  const asked = management.asked.filter((path) => path.endsWith('is-in-service')).length;
  expect(asked).toBeLessThanOrEqual(2); // once more when the first AMQP connection has told the version
});

test('a silent management API beside a dead broker is no finding of its own', async () => {
  const silent = new FakeManagement({ '*': 'silent' });
  const gone = new FakeServer(() => {});
  const node = nodeAt(`amqp://${await gone.listen()}`, await silent.listen());
  await gone.close();
  const prober = proberOf([node]);
  open.push(silent, prober);
  expect(failuresOf(await prober.probe('beijing', node, 'full'))).toEqual(['tcp refused']);
});

test('a stalled publish is the alarm when the alarms check says so', async () => {
  const { prober, node, broker } = await start({ ...healthy, '/api/health/checks/alarms': alarm });
  broker.behaviour.publish = 'silent';
  const probe = await prober.probe('beijing', node, 'full');
  expect(failuresOf(probe)).toEqual(['publish-confirm-get alarm', 'management alarm']);
});

test('during a known alarm no new connection publishes, and publishing resumes when the check says ok', async () => {
  const { prober, node, broker, management } = await start({ ...healthy, '/api/health/checks/alarms': alarm });
  broker.behaviour.publish = 'silent';
  await prober.probe('beijing', node, 'full');
  const { published } = broker;
  const during = await prober.probe('beijing', node, 'full');
  expect(failuresOf(during)).toEqual(['publish-confirm-get alarm', 'management alarm']);
  expect(broker.published).toBe(published);
  management.answers = healthy;
  broker.behaviour.publish = 'confirm';
  expect(failuresOf(await prober.probe('beijing', node, 'full'))).toEqual([]);
});

test('a node that refuses is draining when a peer said so', async () => {
  const { prober, node } = await start({
    ...healthy,
    '/api/nodes': {
      status: 200,
      body: [
        { name: 'rabbit@bj1', partitions: [], being_drained: false },
        { name: 'rabbit@bj2', partitions: [], being_drained: true },
      ],
    },
  });
  expect(failuresOf(await prober.probe('beijing', node, 'full'))).toEqual([]);
  const gone = new FakeServer(() => {});
  const drained = nodeAt(`amqp://${await gone.listen()}`, undefined, 'rabbit@bj2');
  await gone.close();
  expect(failuresOf(await prober.probe('beijing', drained, 'full'))).toEqual(['tcp draining']);
  expect(failuresOf(await prober.probe('beijing', drained, 'kept'))).toEqual(['tcp draining']);
});

test('a probe queue that is led elsewhere is moved home beside the probes', async () => {
  const { prober, node, broker, management } = await start({
    ...healthy,
    '/api/overview': { status: 200, body: { node: 'rabbit@bj1' } },
    '/api/queues/%2F/warren.probe.trading.here.rabbit%40bj1': { status: 200, body: { leader: 'rabbit@bj2' } },
  });
  const moved = Promise.withResolvers<void>();
  const { push } = broker.declared;
  broker.declared.push = (...names) => {
    if (names[0]?.startsWith('warren.probe.')) moved.resolve();
    return push.apply(broker.declared, names);
  };
  await prober.probe('beijing', node, 'kept');
  await moved.promise;
  expect(management.asked).toContain('/api/overview');
});
