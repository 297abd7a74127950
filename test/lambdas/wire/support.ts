import { expect } from '@jest/globals';
import type { PairRecord } from '../../../core/model/record.ts';
import type { Stage } from '../../../infra/stage.ts';
import { until } from '../../../lab/wait.ts';
import { FakeBroker } from '../../adapters/rabbitmq/fakeBroker.ts';
import { FakeManagement, healthy } from '../../adapters/rabbitmq/support.ts';
import { answersOf } from '../../support/aws/route53Answers.ts';
import type { LambdaFunction } from '../../support/aws/runtime.ts';
import { type Account, type AccountOptions, openAccount, parameterName, publishRecord, secretArn } from './account.ts';
import { type Deployment, deployTo } from './deployment.ts';
import { region } from './installation.ts';

export const password = 'hunter2&secret';
export const values = { beijing: ['192.0.2.1'], shanghai: ['198.51.100.1'] };
/** Of history: whatever there is. */
export const everything = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER, limit: 100 };
export const recordOf = (pair: string) => `${pair}.example.com`;

/** What of a pair is not as usual. */
export type PairChange = Record<string, unknown> | ((account: Account) => Record<string, unknown>);

/** Two sites of one node each. */
export interface Brokers {
  beijing: FakeBroker;
  shanghai: FakeBroker;
}

/** A deployment in an account, and where the record of every pair can lead. */
export interface Installed extends Deployment {
  readonly account: Account;
  /** The addresses of each side. */
  readonly values: Record<keyof Brokers, string[]>;
}

/** One with brokers for each of its pairs. */
export interface Wire extends Installed {
  brokers(pair?: string): Brokers;
}

export interface DeployOptions extends AccountOptions {
  /** By default, one vantage. */
  stage?: Stage;
}

/**
 * Deploys pairs whose targets are records of Route 53, `beijing` active.
 * @param pairs by name, what of each is not as usual
 */
export async function deploy(
  pairs: Record<string, PairChange> = { demo: {} },
  options: DeployOptions = {},
): Promise<Wire> {
  const names = Object.keys(pairs);
  // As docs/deploy.md says: where a vantage is, and beside the tables.
  const regions = [region, ...(options.stage?.vantages ?? []).map((vantage) => vantage.region)];
  const logins = Object.fromEntries(names.map((name) => [name, `probe:${password}`]));
  const account = await openAccount(logins, { regions, ...options });
  const management = new FakeManagement({ ...healthy, '/api/nodes': { status: 200, body: [] } });
  const url = await management.listen();
  const brokers = new Map<string, Brokers>();
  const configured: object[] = [];
  for (const [name, change] of Object.entries(pairs)) {
    const own = { beijing: new FakeBroker(), shanghai: new FakeBroker({ clusterName: 'shanghai' }) };
    brokers.set(name, own);
    publishRecord(account, recordOf(name), values.beijing);
    const usual = await usualPair(name, own, url, account);
    configured.push({ ...usual, ...(typeof change === 'function' ? change(account) : change) });
  }
  const fleet = { maxFailovers: names.length };
  const deployment = await deployTo(account, { version: 1, fleet, pairs: configured }, options.stage);
  return {
    ...deployment,
    account,
    values,
    brokers: (pair = 'demo') => brokers.get(pair) as Brokers,
    async close() {
      await deployment.close();
      const all = [...brokers.values()].flatMap(({ beijing, shanghai }) => [beijing, shanghai]);
      // One that was ended by the test is closed already.
      await Promise.all(all.map((each) => each.close().catch(() => {})));
      await Promise.all([management.close(), account.close()]);
    },
  };
}

async function usualPair(name: string, { beijing, shanghai }: Brokers, management: string, { route53 }: Account) {
  const site = async (broker: FakeBroker, node: string, probeCredentials: string) => ({
    nodes: [{ name: node, amqp: await broker.listen(), management }],
    probeCredentials,
  });
  return {
    name,
    primary: 'beijing',
    standby: 'shanghai',
    sites: {
      beijing: await site(beijing, 'rabbit@bj1', `ssm:${parameterName(name)}`),
      shanghai: await site(shanghai, 'rabbit@sh1', `secretsmanager:${secretArn(name)}#login`),
    },
    probe: { every: '1s', recheck: '200ms', fullEvery: '1s', timeout: '2s', fall: 2, rise: 2 },
    failover: { mode: 'automatic', quorum: 1 },
    targets: [{ route53: { zone: route53.zone, record: recordOf(name), values, resolvers: [route53.dns] } }],
  };
}

/** Resolves when the watch has adopted where traffic goes, and probed the standby often enough to trust it. */
export async function untilProtected(wire: Wire, pair = 'demo', probes = 5): Promise<void> {
  await wire.untilRecord(pair, ({ desired }) => desired === 'beijing');
  const { shanghai } = wire.brokers(pair);
  const enough = shanghai.published + probes;
  const look = async () => (shanghai.published < enough ? `${shanghai.published} probes came` : undefined);
  await until(look, { what: `${pair} to be probed`, timeoutMs: 20_000, everyMs: 50 });
}

/** What a function has logged in sentences, and of which pair. */
export function toldBy(fn: LambdaFunction): { pair?: string; message: string }[] {
  return fn
    .lines()
    .filter((line) => line.startsWith('{') && !line.startsWith('{"_aws"'))
    .map((line) => JSON.parse(line));
}

/** What a function has logged of a pair. */
export const toldOf = (fn: LambdaFunction, pair: string): string[] =>
  toldBy(fn).flatMap((told) => (told.pair === pair ? [told.message] : []));

/** Resolves when a function has logged a sentence like this. @param pair of which; by default, of any */
export async function untilTold(
  fn: LambdaFunction,
  sentence: RegExp,
  timeoutMs = 20_000,
  pair?: string,
): Promise<void> {
  const look = async () => {
    const messages = pair === undefined ? toldBy(fn).map(({ message }) => message) : toldOf(fn, pair);
    return messages.some((message) => sentence.test(message)) ? undefined : messages.join(' | ');
  };
  await until(look, { what: `a function to tell ${sentence}`, timeoutMs, everyMs: 50 });
}

/** The primary of a pair dies. */
export const loseBeijing = (wire: Wire, pair = 'demo'): Promise<void> => wire.brokers(pair).beijing.close();

/** Resolves when an operation has moved traffic to shanghai, and history tells of its end. */
export async function untilMoved(installed: Installed, pair = 'demo', patienceMs?: number): Promise<void> {
  const hasMoved = ({ operation, desired }: PairRecord) => operation === null && desired === 'shanghai';
  await installed.untilRecord(pair, hasMoved, patienceMs);
  const look = async () => {
    const [newest] = await installed.store.listOperations(pair, everything);
    return newest?.phase === 'finished' ? undefined : `history tells of ${newest?.outcome ?? 'none'}`;
  };
  await until(look, { what: `the operation of ${pair} to be kept`, timeoutMs: 10_000, everyMs: 50 });
}

/**
 * The record and its marker, a resolver and the store: all say that one failover has moved traffic to shanghai, and nobody has ever
 * seen half of it. One that was given up before it moved anything, as on a machine too busy to see its brokers, says why.
 */
export async function expectMovedOnce(installed: Installed, pair = 'demo'): Promise<void> {
  const [operation, ...givenUp] = await installed.store.listOperations(pair, everything);
  const epoch = 2 + givenUp.length;
  expect(operation).toMatchObject({ verb: 'failover', from: 'beijing', to: 'shanghai', phase: 'finished', epoch });
  for (const { outcome } of givenUp) expect(outcome).toMatch(/was aborted before its point of no return: \w/);
  expect(await installed.whereabouts(pair, recordOf(pair))).toEqual({
    published: installed.values.shanghai,
    marker: expect.stringMatching(markerOf(pair, 'shanghai', epoch)),
    answered: installed.values.shanghai,
    desired: 'shanghai',
    epoch,
    operation: null,
  });
  expectNeverHalf(installed, pair);
}

/** Whatever the zone looked like after a change, it answered, and its marker named the side that it led to. */
export function expectNeverHalf({ account: { route53 }, values: valuesOf }: Installed, pair: string): void {
  for (const sets of route53.states) {
    const answers = answersOf(sets, recordOf(pair), 'A')?.map(({ value }) => value);
    const [marker] = answersOf(sets, `_warren.${recordOf(pair)}`, 'TXT') ?? [];
    const site = marker && markerOf(pair, 'shanghai').test(marker.value) ? 'shanghai' : 'beijing';
    expect(answers).toEqual(valuesOf[site]);
  }
}

const markerOf = (pair: string, site: string, epoch: number | string = '\\d+') =>
  new RegExp(`^"warren pair=${pair} site=${site} epoch=${epoch} write=\\d+"$`);
