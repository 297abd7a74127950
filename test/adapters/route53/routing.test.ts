import { describe, expect, test } from '@jest/globals';
import type { Route53TargetConfig } from '../../../core/model/targets/route53.ts';
import { read } from '../../contracts/target.ts';
import { type RecordSet, recordSet } from '../../support/aws/route53Sets.ts';
import { emptyStates, healthChecks, openPlace, type Place, record, simpleSet, values } from './place.ts';

const balancers = { beijing: 'bj.elb.example.net.', shanghai: 'sh.elb.example.net.' };
const aliases = {
  beijing: { zone: 'ZBALANCERS', name: 'bj.elb.example.net' },
  shanghai: { zone: 'ZBALANCERS', name: 'sh.elb.example.net' },
};
const elsewhere = { [balancers.beijing]: ['192.0.2.1'], [balancers.shanghai]: ['198.51.100.1'] };
const byAlias: Partial<Route53TargetConfig> = { values: undefined, aliases };

async function withPlace(work: (place: Place) => Promise<void>): Promise<void> {
  const place = await openPlace({ elsewhere });
  try {
    await work(place);
    expect(emptyStates(place.route53, 'A', elsewhere)).toEqual([]);
  } finally {
    await place.close();
  }
}

const ownSets = ({ route53 }: Place) => route53.sets().filter(({ type }) => type === 'A');

describe.each([
  ['simple', 'values', {}],
  ['simple', 'aliases', byAlias],
  ['weighted', 'values', {}],
  ['weighted', 'aliases', byAlias],
  ['failover', 'values', { healthChecks }],
  ['failover', 'aliases', { ...byAlias, healthChecks }],
] as const)('%s routing by %s', (routing, _, change) => {
  test('begins where there is nothing, goes there and back, and finds its own work done', () =>
    withPlace(async (place) => {
      const target = place.target({ routing, ...change });
      expect((await read(target)).active).toBe('none');
      for (const [epoch, site] of ['beijing', 'shanghai', 'beijing'].entries()) {
        expect(await target.flip(site, epoch + 1)).toMatchObject({ active: site });
        expect(await read(target)).toMatchObject({
          active: site,
          detail: expect.not.stringContaining('not as Warren'),
        });
      }
      await target.flip('beijing', 3);
      expect(place.route53.states).toHaveLength(3);
    }));

  test('takes over a simple record, and the other routings, in one batch each', () =>
    withPlace(async (place) => {
      place.route53.edit(record, [simpleSet(values.beijing, 300)]);
      const others = ['weighted', 'failover', 'simple'] as const;
      for (const [epoch, other] of others.entries())
        await place
          .target({ routing: other, ...(other === 'failover' ? { healthChecks } : {}) })
          .flip('beijing', epoch + 1);
      await place.target({ routing, ...change }).flip('shanghai', 4);
      expect(place.route53.states).toHaveLength(4);
    }));
});

test('weighted sets weigh 255 and 0, failover sets change roles and keep their health checks', () =>
  withPlace(async (place) => {
    const traits = () =>
      ownSets(place).map(({ setIdentifier, weight, failover, healthCheckId }) =>
        [setIdentifier, weight, failover, healthCheckId].join(' '),
      );
    await place.target({ routing: 'weighted' }).flip('shanghai', 1);
    expect(traits()).toEqual(['warren-beijing 0  ', 'warren-shanghai 255  ']);
    await place.target({ routing: 'failover', healthChecks }).flip('shanghai', 2);
    expect(traits()).toEqual([
      `warren-beijing  SECONDARY ${healthChecks.beijing}`,
      `warren-shanghai  PRIMARY ${healthChecks.shanghai}`,
    ]);
  }));

test('an alias to something else is foreign; one spelt another way is not', () =>
  withPlace(async (place) => {
    const alias = (name: string): RecordSet =>
      recordSet({ name: record, alias: { zone: 'ZBALANCERS', name, evaluatesHealth: false } });
    place.route53.edit(record, [alias('other.elb.example.net.')]);
    expect(await read(place.target(byAlias))).toMatchObject({
      active: 'split',
      detail: 'neither site is published; of neither site: alias ZBALANCERS/other.elb.example.net; no marker',
    });
    place.route53.edit(record, [alias('BJ.elb.example.net.')]);
    expect(await read(place.target(byAlias))).toMatchObject({ active: 'beijing' });
    await place.target(byAlias).flip('shanghai', 1);
  }));

test('resolvers are asked after a flip, and what they answer is told', async () => {
  const place = await openPlace({ syncsItself: false });
  place.route53.edit(record, [simpleSet(values.beijing)]);
  const resolvers = [place.route53.dns, '127.0.0.1:9'];
  const target = place.target({ resolvers, routing: 'weighted' });
  expect((await target.flip('shanghai', 1)).detail).toMatch(
    new RegExp(
      `; change C\\w+ is PENDING.*; ${place.route53.dns} answers 192.0.2.1, 192.0.2.2; 127.0.0.1:9 does not answer: E`,
    ),
  );
  place.route53.settle();
  expect((await target.flip('shanghai', 1)).detail).toContain(`${place.route53.dns} answers 198.51.100.1`);
  const byName = place.target({
    resolvers: [place.route53.dns.replace('127.0.0.1', 'localhost')],
    routing: 'weighted',
  });
  expect((await byName.flip('beijing', 2)).detail).toMatch(/localhost:\d+ answers 198\.51\.100\.1/);
  await place.close();
});
