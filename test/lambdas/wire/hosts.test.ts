import { afterEach, describe, expect, test } from '@jest/globals';
import { until } from '../../../lab/wait.ts';
import { threeRegions } from '../../infra/support.ts';
import { type Host, startHost } from './host.ts';
import { deploy, everything, expectMovedOnce, loseBeijing, untilMoved, untilProtected, type Wire } from './support.ts';

const always = { times: Number.POSITIVE_INFINITY };
/** By name; a host takes the place of a function that is deployed there and never started. */
const names = threeRegions.vantages.map(({ name }) => name);
const pairs = { demo: { vantages: names, failover: { mode: 'automatic', quorum: 'majority' } } };

let wire: Wire;
let hosts: Host[] = [];
afterEach(async () => {
  await Promise.all(hosts.map((host) => host.close()));
  hosts = [];
  await wire.close();
});

async function start(vantage: string): Promise<Host> {
  const host = await startHost(wire, vantage);
  hosts.push(host);
  return host;
}

/** Resolves when a host has said a sentence like this. */
async function untilSaid(host: Host, sentence: RegExp): Promise<void> {
  const look = async () => (host.said().some((each) => sentence.test(each)) ? undefined : host.said().join(' | '));
  await until(look, { what: `${host.vantage} to say ${sentence}`, timeoutMs: 20_000, everyMs: 50 });
}

/** What people find who ask which process moved the traffic. */
async function moverOf(pair: string): Promise<string> {
  const [operation] = await wire.store.listOperations(pair, everything);
  return operation?.holder ?? '';
}

describe('hosts that share tables', () => {
  test('move traffic by a majority; one that is cut off from the tables is not counted, and does nothing', async () => {
    wire = await deploy(pairs, { stage: threeRegions });
    const [connected, late, lost] = (await Promise.all(names.map(start))) as [Host, Host, Host];
    await untilProtected(wire, 'demo', 5 * names.length);
    for (const host of [late, lost]) host.endpoint.order({ kind: 'drop' }, always);
    const changedByLost = wire.account.proxy.order(
      { kind: 'denied' },
      { operation: 'ChangeResourceRecordSets', when: ({ keyId }) => keyId === lost.vantage, ...always },
    );
    await loseBeijing(wire);
    await untilSaid(connected, /^beijing is down.* 2 votes needed/);
    await untilSaid(lost, /^No store, no act: .* in eu-west-1: no answer/);
    expect(await wire.store.readPair('demo')).toMatchObject({ desired: 'beijing', operation: null });
    late.endpoint.mend();
    await untilMoved(wire);
    await expectMovedOnce(wire);
    expect(await moverOf('demo')).toMatch(new RegExp(`:(${connected.pid}|${late.pid}):`));
    expect(changedByLost.met()).toBe(0);
    for (const host of hosts) {
      expect(await host.stop()).toMatchObject({ code: 0, stderr: '' });
      expect(host.said().at(-1)).toBe('Stopped. Traffic stays where it is.');
    }
  }, 60_000);

  test('vote together with functions', async () => {
    wire = await deploy(pairs, { stage: threeRegions });
    const watch = wire.start('watch', 60_000, { vantage: 'ireland' });
    void watch.invoke({});
    await start('paris');
    await untilProtected(wire, 'demo', 10);
    await loseBeijing(wire);
    await untilMoved(wire);
    await expectMovedOnce(wire);
  }, 60_000);
});
