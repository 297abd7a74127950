import { Resolver } from 'node:dns/promises';
import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { HostedZone } from 'aws-cdk-lib/aws-route53';
import type { Pair } from '../../../../core/model/config.ts';
import { WarrenHealthSwitch } from '../../../../infra/healthSwitch.ts';
import { createHealthCheckers, type HealthCheckers } from '../../../support/aws/healthCheckers.ts';
import { type Route53StandIn, startRoute53 } from '../../../support/aws/route53.ts';
import { checksOf, recordsOf } from '../../../support/aws/templateChecks.ts';
import { bucketIn, key, openPlace, type Place, record, regions, says, values } from './place.ts';

jest.setTimeout(60_000);

/**
 * The whole way: what the CDK construct would deploy, health checkers that ask S3 over HTTP, and answers over real DNS; while
 * the control plane of Route 53 answers nothing at all.
 */
interface World {
  place: Place;
  route53: Route53StandIn;
  checkers: HealthCheckers;
  /** What clients are answered. */
  answer(): Promise<string[]>;
  /** Until every checker has made up its mind. */
  checkersLook(): Promise<void>;
}

let world: World;
afterEach(async () => {
  expect(world.route53.requests).toEqual([]);
  await Promise.all([world.place.close(), world.route53.close()]);
});

/** Two looks, as `WarrenHealthSwitch` sets it unless told. */
const looks = 2;

async function openWorld(count: 1 | 3, reaches?: (checker: number, host: string) => boolean): Promise<World> {
  const place = await openPlace(count);
  const resources = template(count).toJSON().Resources;
  const checks = checksOf(resources);
  const checkers = createHealthCheckers(checks, { url: place.s3.url, ...(reaches && { reaches }) });
  const route53 = await startRoute53({
    healthChecks: checks.map(({ id }) => id),
    health: (id) => checkers.isHealthy(id),
  });
  route53.edit(record, recordsOf(resources));
  route53.isHung = true;
  const resolver = new Resolver();
  resolver.setServers([route53.dns]);
  return {
    place,
    route53,
    checkers,
    answer: async () => (await resolver.resolve4(record)).toSorted(),
    checkersLook: () => checkers.look(looks),
  };
}

function template(count: 1 | 3): Template {
  const stack = new Stack(new App(), 'Test', { env: { region: 'eu-west-1' } });
  const copies = regions.slice(0, count).map((region) => ({ region, bucket: bucketIn(region), key }));
  const target = { record, type: 'A', copies, values, resolvers: [], followsMs: 180_000 };
  const pair = { name: 'trading', primary: 'beijing', standby: 'shanghai', targets: [{ 'route53-health': target }] };
  const zone = HostedZone.fromHostedZoneAttributes(stack, 'Zone', { hostedZoneId: 'Z123', zoneName: 'example.com' });
  new WarrenHealthSwitch(stack, 'Switch', { pair: pair as unknown as Pair, zone });
  return Template.fromStack(stack);
}

describe.each([1, 3] as const)('with Route 53’s control plane gone, and copies: %s,', (count) => {
  test('a flip moves what clients are answered, there and back', async () => {
    world = await openWorld(count);
    world.place.edit(Array(count).fill(says('beijing', 0)));
    await world.checkersLook();
    expect(await world.answer()).toEqual(values.beijing);

    await world.place.target().flip('shanghai', 1);
    await world.checkers.look(looks - 1);
    expect(await world.answer()).toEqual(values.beijing);
    await world.checkers.look();
    expect(await world.answer()).toEqual(values.shanghai);

    await world.place.target().flip('beijing', 2);
    await world.checkersLook();
    expect(await world.answer()).toEqual(values.beijing);
  });

  test('while nobody has written anything, and after everything was lost, clients go to the primary', async () => {
    world = await openWorld(count);
    await world.checkersLook();
    expect(await world.answer()).toEqual(values.beijing);
    for (const region of regions) world.place.s3.hungRegions.add(region);
    await world.checkersLook();
    expect(await world.answer()).toEqual(values.beijing);
  });

  test('the standby’s name in a text that is not this pair’s moves nobody', async () => {
    world = await openWorld(count);
    for (const text of ['site=shanghai', says('shanghai-2'), says('shanghai').replace('trading', 'orders')]) {
      world.place.edit(Array(count).fill(text));
      await world.checkersLook();
      expect(await world.answer()).toEqual(values.beijing);
    }
  });

  test('a fifth of the checkers is enough to follow', async () => {
    world = await openWorld(count, (checker) => checker < 4);
    await world.place.target().flip('shanghai', 1);
    await world.checkersLook();
    expect(await world.answer()).toEqual(values.shanghai);
  });
});

test('of three copies two decide: one with another text moves nobody, on either side', async () => {
  world = await openWorld(3);
  for (const [most, site] of [
    ['beijing', 'shanghai'],
    ['shanghai', 'beijing'],
  ] as const)
    for (const odd of [0, 1, 2]) {
      world.place.edit([0, 1, 2].map((index) => says(index === odd ? site : most)));
      await world.checkersLook();
      expect(await world.answer()).toEqual(values[most]);
      expect(await world.place.target().read()).toMatchObject({ active: most });
    }
});

describe('the loss of any one Region', () => {
  test.each(regions)('(%s) moves nobody, whichever side they are on, and a flip still moves them', async (region) => {
    world = await openWorld(3);
    let epoch = 0;
    for (const [site, other] of [['shanghai', 'beijing'] as const, ['beijing', 'shanghai'] as const]) {
      epoch += 1;
      world.place.s3.hungRegions.clear();
      await world.place.target().flip(site, epoch);
      world.place.s3.hungRegions.add(region);
      await world.checkersLook();
      expect(await world.answer()).toEqual(values[site]);
      epoch += 1;
      await world.place.target({}, { budgetMs: 900 }).flip(other, epoch);
      await world.checkersLook();
      expect(await world.answer()).toEqual(values[other]);
    }
  });

  test('of a single copy sends clients back to the primary: why there should be three', async () => {
    world = await openWorld(1);
    await world.place.target().flip('shanghai', 1);
    await world.checkersLook();
    expect(await world.answer()).toEqual(values.shanghai);
    world.place.s3.hungRegions.add('eu-west-1');
    await world.checkersLook();
    expect(await world.answer()).toEqual(values.beijing);
    expect(await world.place.target({}, { budgetMs: 300 }).read()).toMatchObject({ status: 'unreadable' });
  });
});

test('health checks that are new send clients to the standby, so records are made when they have looked', async () => {
  world = await openWorld(3);
  expect(await world.answer()).toEqual(values.shanghai);
  await world.checkersLook();
  expect(await world.answer()).toEqual(values.beijing);
});
