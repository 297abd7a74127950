import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { createRoute53Account } from '../../../adapters/route53/account.ts';
import { systemClock } from '../../../adapters/system/clock.ts';
import { read } from '../../contracts/target.ts';
import { recordSet } from '../../support/aws/route53Sets.ts';
import { emptyStates, markerName, openPlace, type Place, record, simpleSet, values } from './place.ts';

jest.setTimeout(30_000);

/** What targets of one process share. */
const ofProcess = () => createRoute53Account({ clock: systemClock, random: Math.random, requestTimeoutMs: 1_000 });

let place: Place;
beforeEach(async () => {
  place = await openPlace();
  place.route53.edit(record, [simpleSet(values.beijing)]);
});
afterEach(async () => {
  expect(emptyStates(place.route53)).toEqual([]);
  await place.close();
});

describe('a simple record', () => {
  test('is flipped with its marker in one batch, and read back', async () => {
    const reading = await place.target().flip('shanghai', 7);
    expect(reading).toEqual({
      target: `route53:${place.route53.zone}/${record}/A`,
      status: 'read',
      active: 'shanghai',
      instance: place.route53.zone,
      uptimeMs: expect.any(Number),
      detail: expect.stringMatching(/^shanghai: 198\.51\.100\.1; marker: shanghai, epoch 7; change C\w+ is INSYNC$/),
    });
    expect(place.route53.states).toHaveLength(1);
    expect(place.published()).toEqual(values.shanghai);
    expect(place.marker()).toBe('"warren pair=trading site=shanghai epoch=7 write=1"');
  });

  test('is read with a single request, though other names are near', async () => {
    place.route53.edit('amqp-other.example.com', [
      recordSet({ name: 'amqp-other.example.com', values: ['203.0.113.1'] }),
    ]);
    for (let index = 0; index < 10; index += 1)
      place.route53.edit(`a${index}.${record}`, [recordSet({ name: `a${index}.${record}`, values: ['203.0.113.1'] })]);
    await place.target().flip('shanghai', 1);
    place.route53.requests.length = 0;
    expect(await read(place.target())).toMatchObject({
      active: 'shanghai',
      detail: expect.stringContaining('epoch 1'),
    });
    expect(place.route53.requests).toEqual(['ListResourceRecordSets']);
  });

  test('is read with all others of the zone that are read then, in one request', async () => {
    const account = ofProcess();
    const names = ['z', 'a', '_b', 'A-9', 'a.b'].map((label) => `${label}.example.com`);
    const targets = names.map((name, index) => {
      const own = [`192.0.2.${index}`];
      place.route53.edit(name, [recordSet({ name, values: own })]);
      return place.target({ record: name, values: { beijing: own, shanghai: ['198.51.100.1'] } }, { account });
    });
    for (const reading of await Promise.all(targets.map(read))) expect(reading.active).toBe('beijing');
    expect(place.route53.requests).toEqual(['ListResourceRecordSets']);
  });

  test('is found among those of others, however many names are between them', async () => {
    const account = ofProcess();
    const between = (name: string) => place.route53.edit(name, [recordSet({ name, values: ['203.0.113.1'] })]);
    for (let index = 0; index < 100; index += 1)
      for (const name of [`b${index}`, `y-${index}`, `\\052.n${index}`]) between(`${name}.example.com`);
    const targets = ['z', 'a', 'y'].map((label) => {
      const name = `${label}.example.com`;
      place.route53.edit(name, [recordSet({ name, values: values.shanghai })]);
      return place.target({ record: name }, { account });
    });
    for (const reading of await Promise.all(targets.map(read))) expect(reading.active).toBe('shanghai');
    expect(place.route53.requests.length).toBeLessThanOrEqual(4);
  });

  test('is found with its marker when a hundred names sort between them', async () => {
    for (let index = 0; index < 100; index += 1)
      place.route53.edit(`${index}.${record}`, [recordSet({ name: `${index}.${record}`, values: ['203.0.113.1'] })]);
    await place.target().flip('shanghai', 1);
    place.route53.requests.length = 0;
    expect((await read(place.target())).detail).toContain('marker: shanghai, epoch 1');
    expect(place.route53.requests).toHaveLength(2);
  });

  test('a repeated flip verifies and writes nothing', async () => {
    await place.target().flip('shanghai', 7);
    const reading = await place.target().flip('shanghai', 7);
    expect(reading.detail).toBe('shanghai: 198.51.100.1; marker: shanghai, epoch 7');
    expect(place.route53.states).toHaveLength(1);
    expect(await read(place.target())).toMatchObject({ markerEpoch: 7 });
  });

  test('a newer epoch for the same site replaces the marker alone', async () => {
    await place.target().flip('shanghai', 7);
    const set = place.route53.sets().find(({ type }) => type === 'A');
    await place.target().flip('shanghai', 8);
    expect(place.marker()).toContain('epoch=8 write=1');
    expect(place.route53.sets().find(({ type }) => type === 'A')).toBe(set);
  });

  test('a foreign edit is mended under the same epoch, and the marker changes with it', async () => {
    await place.target().flip('shanghai', 7);
    place.route53.edit(record, [simpleSet(values.beijing)]);
    await place.target().flip('shanghai', 7);
    expect(place.published()).toEqual(values.shanghai);
    expect(place.marker()).toContain('epoch=7 write=2');
  });

  test('some of the values of a site are that site, whatever their order and TTL; a flip makes it exact', async () => {
    place.route53.edit(record, [simpleSet(['192.0.2.2'], 300)]);
    expect(await read(place.target())).toMatchObject({
      active: 'beijing',
      detail: 'beijing: 192.0.2.2; not as Warren would write it (one set TTL 300); no marker',
    });
    await place.target().flip('beijing', 1);
    expect(place.published()).toEqual(values.beijing);
  });

  test.each([
    [
      'a value of neither site',
      [simpleSet(['203.0.113.9'])],
      'neither site is published; of neither site: 203.0.113.9; no marker',
    ],
    [
      'a value of neither site beside one of ours',
      [simpleSet(['203.0.113.9', '192.0.2.1'])],
      'beijing: 192.0.2.1; of neither site: 203.0.113.9; no marker',
    ],
    [
      'a CNAME in its place',
      [recordSet({ name: record, type: 'CNAME', values: ['elsewhere.example.net'] })],
      'neither site is published; of neither site: a CNAME record with elsewhere.example.net; no marker',
    ],
    [
      'weighted sets of both sites',
      [
        recordSet({ name: record, values: ['192.0.2.1'], setIdentifier: 'a', weight: 1 }),
        recordSet({ name: record, values: ['198.51.100.1'], setIdentifier: 'b', weight: 1 }),
      ],
      'beijing: 192.0.2.1; shanghai: 198.51.100.1; no marker',
    ],
  ])("somebody else's %s is split, and says what is there", async (_, sets, detail) => {
    place.route53.edit(record, sets);
    expect(await read(place.target())).toMatchObject({ active: 'split', detail });
  });

  test('foreign sets of its type are replaced by a flip; a CNAME is left to people', async () => {
    const foreign = [
      recordSet({ name: record, values: ['203.0.113.1'], setIdentifier: 'a', weight: 1 }),
      recordSet({ name: record, values: ['203.0.113.2'], setIdentifier: 'b', weight: 1 }),
    ];
    place.route53.edit(record, foreign);
    await place.target().flip('shanghai', 1);
    expect(place.published()).toEqual(values.shanghai);
    place.route53.edit(record, [recordSet({ name: record, type: 'CNAME', values: ['elsewhere.example.net'] })]);
    await expect(place.target().flip('beijing', 2)).rejects.toThrow(
      /nothing was written for beijing: amqp\.example\.com has a CNAME record \(elsewhere\.example\.net\); remove it first/,
    );
  });

  test('a name with more weighted sets than one page has is read to its end', async () => {
    const sets = Array.from({ length: 45 }, (_, index) =>
      recordSet({ name: record, values: [`203.0.113.${index}`], setIdentifier: `id-${index}`, weight: 0 }),
    );
    const live = recordSet({ name: record, values: ['192.0.2.1'], setIdentifier: 'zz', weight: 9 });
    place.route53.edit(record, [...sets, live]);
    expect((await read(place.target())).active).toBe('beijing');
  });
});

describe('the marker', () => {
  const mark = (value: string) =>
    place.route53.edit(markerName, [recordSet({ name: markerName, type: 'TXT', values: [value] })]);

  test('a newer one makes a flip stand down, with nothing written', async () => {
    mark('"warren pair=trading site=beijing epoch=9 write=1"');
    await expect(place.target().flip('shanghai', 8)).rejects.toMatchObject({
      name: 'TargetError',
      message: `route53:${place.route53.zone}/${record}/A: nothing was written for shanghai: standing down: the marker ${markerName} says beijing by epoch 9, which is newer than 8`,
    });
    expect(place.route53.requests).toEqual(['ListResourceRecordSets']);
  });

  test.each([
    ['of another pair', '"warren pair=other site=beijing epoch=1 write=1"', /belongs to the pair other/],
    ["that is not Warren's", '"v=spf1 -all"', /the TXT record _warren\.amqp\.example\.com is not Warren's/],
  ])('one %s stops a flip, with nothing written', async (_, value, message) => {
    mark(value);
    await expect(place.target().flip('shanghai', 8)).rejects.toThrow(message);
    expect(place.route53.states).toEqual([]);
  });

  test('an older one is replaced', async () => {
    mark('"warren pair=trading site=beijing epoch=6 write=3"');
    await place.target().flip('shanghai', 7);
    expect(place.marker()).toBe('"warren pair=trading site=shanghai epoch=7 write=1"');
  });
});

test('an AAAA record has a marker of its own, so that both families of one name can be targets', async () => {
  const six = { type: 'AAAA' as const, values: { beijing: ['2001:DB8:0::1'], shanghai: ['2001:db8::2'] } };
  await place.target().flip('shanghai', 1);
  await place.target(six).flip('beijing', 1);
  expect(await read(place.target(six))).toMatchObject({
    active: 'beijing',
    detail: 'beijing: 2001:db8::1; marker: beijing, epoch 1',
  });
  expect(place.route53.sets().some(({ name }) => name === `_warren-aaaa.${record}.`)).toBe(true);
  expect((await read(place.target())).active).toBe('shanghai');
});

test('a CNAME is flipped like an address', async () => {
  place.route53.edit(record, [recordSet({ name: record, type: 'CNAME', values: ['BJ.example.net.'] })]);
  const names = { type: 'CNAME' as const, values: { beijing: ['bj.example.net'], shanghai: ['sh.example.net'] } };
  expect((await read(place.target(names))).active).toBe('beijing');
  expect(await place.target(names).flip('shanghai', 1)).toMatchObject({ active: 'shanghai' });
  expect(place.published()).toEqual(['sh.example.net']);
});
