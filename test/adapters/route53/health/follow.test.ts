import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { read } from '../../../contracts/target.ts';
import { type DnsServer, startDns } from '../../../support/aws/dns.ts';
import { openPlace, type Place, record, says, values } from './place.ts';

jest.setTimeout(30_000);

let place: Place;
let dns: DnsServer[];
let answered: (string[] | null)[];

beforeEach(async () => {
  place = await openPlace(1);
  answered = [values.beijing, values.beijing];
  dns = await Promise.all([0, 1].map((index) => startDns((name, type) => recordsOf(index, name, type))));
});
afterEach(async () => {
  await Promise.all([place.close(), ...dns.map((server) => server.close())]);
});

function recordsOf(index: number, name: string, type: string) {
  const list = answered[index];
  return list?.map((value) => ({ name, type, ttl: 30, value })) ?? null;
}

const target = (resolvers = dns.map(({ address }) => address)) => place.target({ resolvers });
const longAgo = () => Date.now() - 600_000;

describe('what name servers answer', () => {
  test('is told with a flip, and with every reading', async () => {
    const { detail } = await target().flip('shanghai', 1);
    const [one, other] = dns.map(({ address }) => address);
    expect(detail).toBe(
      `eu-west-1: shanghai, epoch 1; ${one} answers 192.0.2.1, 192.0.2.2; ${other} answers 192.0.2.1, 192.0.2.2`,
    );
    answered = [values.shanghai, null];
    expect((await read(target())).detail).toBe(
      `eu-west-1: shanghai, epoch 1; ${one} answers 198.51.100.1; ${other} answers that there is none`,
    );
  });

  test('is given time to follow, and then is right about where traffic goes', async () => {
    place.edit([says('shanghai')]);
    expect((await read(target())).active).toBe('shanghai');
    place.edit([says('shanghai')], longAgo());
    expect(await read(target())).toMatchObject({
      active: 'beijing',
      detail: expect.stringMatching(
        /^the switch says shanghai, and its name servers do not follow: eu-west-1: shanghai/,
      ),
    });
    answered = [values.shanghai, values.shanghai];
    expect((await read(target())).active).toBe('shanghai');
  });

  test.each<[string, (string[] | null)[], string]>([
    ['some of the values of a site', [['192.0.2.2'], ['192.0.2.1']], 'beijing'],
    ['nothing', [null, []], 'none'],
    ['of both sites', [[...values.beijing, ...values.shanghai], values.beijing], 'split'],
    ['of neither site', [['203.0.113.9'], ['203.0.113.9']], 'split'],
    ['not all the same', [values.beijing, values.shanghai], 'split'],
  ])('%s, long after the switch said shanghai, is read as it is', async (_, answers, active) => {
    place.edit([says('shanghai')], longAgo());
    answered = answers;
    expect(await read(target())).toMatchObject({ active });
  });

  test('counts only where there is an answer', async () => {
    place.edit([says('shanghai')], longAgo());
    const silent = ['127.0.0.1:9', 'resolver.invalid:53'];
    const reading = await read(target(silent));
    expect(reading.active).toBe('shanghai');
    expect(reading.detail).toMatch(/127\.0\.0\.1:9 does not answer: E\w+; resolver\.invalid:53 does not answer: E\w+/);
    answered = [values.shanghai, null];
    expect((await read(target([...silent, dns[0]?.address ?? '']))).active).toBe('shanghai');
  });

  test('does not make a site of a switch that says none', async () => {
    place.edit(['of somebody else'], longAgo());
    expect((await read(target())).active).toBe('split');
    place.edit([null]);
    expect((await read(target())).active).toBe('none');
  });

  test('does not make an unreadable switch readable', async () => {
    place.edit([says('shanghai')], longAgo());
    place.s3.order('GetObject', 'forbid', 9);
    expect(await target().read()).toMatchObject({
      status: 'unreadable',
      detail: expect.stringContaining('answers 192.0.2.1'),
    });
  });
});

test('a record of another spelling is that site all the same', async () => {
  const type = 'AAAA' as const;
  answered = [['2001:db8:0:0:0:0:0:2'], ['2001:db8::2']];
  place.edit([says('shanghai')], longAgo());
  const config = { record, type, values: { beijing: ['2001:db8::1'], shanghai: ['2001:DB8::2'] } };
  expect((await read(place.target({ ...config, resolvers: dns.map(({ address }) => address) }))).active).toBe(
    'shanghai',
  );
});
