import { beforeEach, expect, test } from '@jest/globals';
import { createVirtualClock, type VirtualClock } from '../../../adapters/memory/clock.ts';
import { createMemoryProber, type MemoryProber } from '../../../adapters/memory/prober.ts';
import type { NodeProbe, ProbeDepth } from '../../../core/model/probe.ts';

const node = { name: 'rabbit@bj1', amqp: 'amqp://10.0.1.1' };
let clock: VirtualClock;
let prober: MemoryProber;
beforeEach(() => {
  clock = createVirtualClock();
  prober = createMemoryProber({ clock, references: ['tcp://10.9.9.9:53'], latencyMs: 5 });
});

async function probe(depth: ProbeDepth): Promise<NodeProbe> {
  const running = prober.probe('beijing', node, depth);
  await clock.advance(10_000);
  return running;
}

const failures = ({ checks }: NodeProbe) =>
  checks.flatMap((check) => (check.status === 'fail' ? [`${check.check}: ${check.class}`] : []));

test('a healthy node passes every rung, after the latency, and names its cluster', async () => {
  const result = await probe('full');
  expect(result.checks.map(({ check, status }) => `${check} ${status}`)).toEqual([
    'tcp pass',
    'tls skipped',
    'amqp-open pass',
    'publish-confirm-get pass',
    'declare pass',
    'management pass',
  ]);
  expect(result).toMatchObject({ startedAtMs: 0, finishedAtMs: 5, identity: { clusterName: 'beijing' } });
  expect((await probe('kept')).checks).toHaveLength(1);
});

test('a failing rung ends the climb; a kept connection breaks only when it is needed to publish', async () => {
  prober.setNode('beijing', 'rabbit@bj1', { check: 'tcp', class: 'unreachable' });
  const full = await probe('full');
  expect(failures(full)).toEqual(['tcp: unreachable']);
  expect(full.checks.slice(1).every(({ status }) => status === 'skipped')).toBe(true);
  expect(failures(await probe('kept'))).toEqual(['publish-confirm-get: unreachable']);
  prober.setNode('beijing', 'rabbit@bj1', { check: 'management', class: 'alarm' });
  expect(failures(await probe('kept'))).toEqual([]);
  expect(failures(await probe('full'))).toEqual(['management: alarm']);
  prober.setNode('beijing', 'rabbit@bj1', { check: 'amqp-open', class: 'auth', depths: ['full'] });
  expect(failures(await probe('kept'))).toEqual([]);
});

test('a site is set as a whole, what is said of a node counts more, and a hang takes its own time', async () => {
  prober.setSite('beijing', { check: 'amqp-open', class: 'hung', latencyMs: 2_000 });
  const hung = await probe('full');
  expect(failures(hung)).toEqual(['amqp-open: hung']);
  expect(hung.finishedAtMs - hung.startedAtMs).toBe(2_000);
  prober.setNode('beijing', 'rabbit@bj1', null);
  expect(failures(await probe('full'))).toEqual([]);
});

test('references, the endpoint and hints are what they are told to be', async () => {
  const hints: string[] = [];
  prober.onHint(({ kind }) => hints.push(kind));
  prober.hint({ site: 'beijing', node: 'rabbit@bj1', kind: 'broken', detail: '' });
  expect(hints).toEqual(['broken']);
  prober.setReference('tcp://10.9.9.9:53', false);
  prober.setEndpoint({ status: 'pass', clusterName: 'shanghai', detail: '' });
  const answers = Promise.all([prober.probeReferences(), prober.probeEndpoint('amqp://x')]);
  await clock.advance(5);
  expect(await answers).toEqual([
    [{ reference: 'tcp://10.9.9.9:53', visible: false, detail: 'not visible' }],
    { status: 'pass', clusterName: 'shanghai', detail: '' },
  ]);
});
