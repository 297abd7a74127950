import { afterAll, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { dataOf, textData } from '../../../adapters/dns/rdata.ts';
import { systemClock } from '../../../adapters/system/clock.ts';
import { TargetError } from '../../../core/flow/ports.ts';
import { describeTargetContract, read } from '../../contracts/target.ts';
import { type Bind, bindInstalled, bindKeys, startBind } from '../../support/bind.ts';
import { configFor, edit, editRecord, marker, record, reset, targetOf, values } from './bind.ts';

const maybe = bindInstalled() ? describe : describe.skip;
jest.setTimeout(30_000);

maybe('a real BIND', () => {
  describeTargetContract('the DNS target', async () => {
    let bind = await startBind();
    let target = targetOf(configFor(bind.server));
    return {
      // A zone is never restarted. What comes closest: another server takes over, with the zone as it was in the beginning.
      get target() {
        return target;
      },
      clock: systemClock,
      edit: (active) => editRecord(bind, active),
      async restart() {
        await bind.stop();
        bind = await startBind();
        target = targetOf(configFor(bind.server));
      },
      stopAnswering: () => bind.pause(),
      answerAgain: async () => bind.goOn(),
      remove: () => bind.stop(),
    };
  });

  describe('beyond the contract', () => {
    let bind: Bind;
    const target = (change: object = {}) => targetOf(configFor(bind.server, change));
    const published = async () => (await bind.resolver.resolve4(record)).sort();
    const markers = async () => (await bind.resolver.resolveTxt(marker)).flat();
    beforeAll(async () => {
      bind = await startBind();
    });
    afterAll(() => bind?.stop());
    beforeEach(() => reset(bind));

    test('the first flip writes values, TTL and marker; a repeated one, of whatever spelling, writes nothing', async () => {
      expect((await read(target())).detail).toBe('published: 10.0.1.1, 10.0.1.2; no marker yet');
      const before = await bind.serial();
      const flipped = await target({ ttl: '45s' }).flip('shanghai', 7);
      expect(flipped).toMatchObject({ active: 'shanghai', instance: `example.test@${bind.server}` });
      expect(await bind.resolver.resolve4(record, { ttl: true })).toEqual([{ address: '10.0.2.1', ttl: 45 }]);
      expect(await markers()).toEqual(['warren pair=trading site=shanghai epoch=7']);
      const after = await bind.serial();
      expect(after).toBeGreaterThan(before);
      expect(await target({ record: 'AMQP.Example.TEST.' }).flip('shanghai', 7)).toMatchObject({ active: 'shanghai' });
      expect(await bind.serial()).toBe(after);
    });

    test('the serial of the zone grows with each flip, and a newer epoch replaces the marker', async () => {
      const serials = [await bind.serial()];
      for (const [epoch, site] of [
        [3, 'shanghai'],
        [4, 'beijing'],
        [5, 'beijing'],
      ] as const) {
        await target().flip(site, epoch);
        serials.push(await bind.serial());
      }
      expect(serials.toSorted((a, b) => a - b)).toEqual(serials);
      expect(new Set(serials).size).toBe(4);
      expect(await markers()).toEqual(['warren pair=trading site=beijing epoch=5']);
      expect(await read(target())).toMatchObject({ markerEpoch: 5 });
    });

    test('clients that ask all the time get one side or the other: never nothing, never both', async () => {
      const answers = new Set<string>();
      let flipping = true;
      const asking = Promise.all(
        [1, 2, 3].map(async () => {
          while (flipping) answers.add(String(await published()));
        }),
      );
      for (let epoch = 1; epoch <= 20; epoch++) await target().flip(epoch % 2 ? 'shanghai' : 'beijing', epoch);
      flipping = false;
      await asking;
      expect([...answers].sort()).toEqual([String(values.beijing), String(values.shanghai)]);
    });

    test.each([
      [
        'an address of neither site',
        ['10.0.1.1', '10.0.1.2', '10.9.9.9'],
        'published: 10.0.1.1, 10.0.1.2, 10.9.9.9; of neither site: 10.9.9.9; no marker yet',
      ],
      [
        'some of the addresses of a site',
        ['10.0.1.2'],
        'published: 10.0.1.2; missing of beijing: 10.0.1.1; no marker yet',
      ],
      [
        'addresses of both',
        ['10.0.1.1', '10.0.2.1'],
        'published: 10.0.1.1, 10.0.2.1; missing of beijing: 10.0.1.2; no marker yet',
      ],
    ])('%s that somebody else published is split, and the next flip mends it', async (_, addresses, detail) => {
      const { instance } = await read(target());
      await edit(
        bind,
        record,
        'A',
        addresses.map((address) => dataOf('A', address)),
      );
      expect(await read(target())).toMatchObject({ active: 'split', instance, detail });
      expect(await target().flip('beijing', 1)).toMatchObject({ active: 'beijing' });
    });

    test('a CNAME in the place of addresses is split, and a flip says that it is in the way', async () => {
      await edit(bind, record, 'A', []);
      await edit(bind, record, 'CNAME', [dataOf('CNAME', 'ns.example.test')]);
      expect(await read(target())).toMatchObject({
        active: 'split',
        detail: expect.stringContaining('there is CNAME'),
      });
      await expect(target().flip('shanghai', 1)).rejects.toThrow(`${record} is a CNAME, not A; delete it`);
    });

    test.each([
      ['of a newer epoch', 'warren pair=trading site=beijing epoch=9', /epoch 9 was here, and this is 8: overtaken/],
      ['of another pair', 'warren pair=billing site=beijing epoch=1', /says that it belongs to the pair billing/],
      ['of somebody else', 'v=spf1 -all', /was not written by Warren; delete it/],
    ])('a marker %s stops a flip before anything is written', async (_, text, sentence) => {
      await edit(bind, marker, 'TXT', [textData(text)]);
      const serial = await bind.serial();
      const flipped = target().flip('shanghai', 8);
      await expect(flipped).rejects.toThrow(TargetError);
      await expect(flipped).rejects.toThrow(sentence);
      expect(await bind.serial()).toBe(serial);
    });

    test('two markers are none of Warren, one of an older epoch is replaced', async () => {
      const older = textData('warren pair=trading site=beijing epoch=7');
      await edit(bind, marker, 'TXT', [older, textData('other')]);
      await expect(target().flip('shanghai', 8)).rejects.toThrow(/not written by Warren/);
      await edit(bind, marker, 'TXT', [older]);
      expect(await target().flip('shanghai', 8)).toMatchObject({ active: 'shanghai' });
    });

    test('addresses of both families are two targets of one name, flipped at once', async () => {
      const six = {
        type: 'AAAA',
        values: { beijing: ['2001:DB8:0::1'], shanghai: ['2001:db8::2', '::ffff:10.0.2.1'] },
      };
      await edit(bind, record, 'AAAA', [dataOf('AAAA', '2001:db8::1')]);
      expect((await read(target(six))).active).toBe('beijing');
      const flipped = await Promise.all([target().flip('shanghai', 2), target(six).flip('shanghai', 2)]);
      expect(flipped).toMatchObject([{ active: 'shanghai' }, { active: 'shanghai' }]);
      expect((await bind.resolver.resolve6(record)).sort()).toEqual(['2001:db8::2', '::ffff:10.0.2.1']);
      expect(target(six).id).not.toBe(target().id);
      await edit(bind, record, 'AAAA', []);
      await edit(bind, `_warren-aaaa.${record}`, 'TXT', []);
    });

    test('a CNAME is flipped as well, with a longer key, once nothing else is in its place', async () => {
      const names = { beijing: ['Bj.example.net.'], shanghai: ['sh.example.net'] };
      const config = configFor(bind.server, { type: 'CNAME', values: names }, 'warren-long');
      await expect(targetOf(config).flip('beijing', 1)).rejects.toThrow(
        /not flipped to beijing: it answered YXDOMAIN: there are other records at the name/,
      );
      await edit(bind, record, 'A', []);
      for (const [epoch, site] of [
        [1, 'beijing'],
        [2, 'shanghai'],
      ] as const)
        expect(await targetOf(config).flip(site, epoch)).toMatchObject({ active: site });
      expect(await bind.resolver.resolveCname(record)).toEqual(['sh.example.net']);
    });

    describe('what the server refuses is said, and changes nothing', () => {
      const detailOf = async (
        options: Parameters<typeof targetOf>[1],
        change = {},
        key: keyof typeof bindKeys = 'warren',
      ) => {
        const reading = await targetOf(configFor(bind.server, change, key), options).read();
        expect(reading.status).toBe('unreadable');
        return reading.detail;
      };

      test('another secret, an unknown key, and an algorithm that is not that of the key', async () => {
        expect(await detailOf({ secretText: async () => bindKeys.admin.secret })).toBe(
          `the DNS server ${bind.server} cannot be asked: it answered NOTAUTH (BADSIG): the secret of the key is not the one it knows`,
        );
        const unknown = { key: { name: 'stranger', secret: 'env:KEY' } };
        const secretText = async () => bindKeys.admin.secret;
        expect(await detailOf({ secretText }, unknown)).toMatch(/NOTAUTH \(BADKEY\): it does not know the key/);
        const longer = { key: { name: 'warren', algorithm: 'hmac-sha512', secret: 'env:KEY' } };
        expect(await detailOf({}, longer)).toMatch(/NOTAUTH \(BADKEY\)/);
      });

      test.each([
        [-4_000, 'ahead'],
        [4_000, 'behind'],
      ])('a clock that is %d s off: by how much the other one is %s', async (apartSeconds, direction) => {
        const clock = { ...systemClock, nowMs: () => systemClock.nowMs() + apartSeconds * 1_000 };
        expect(await detailOf({ clock })).toMatch(
          new RegExp(`NOTAUTH \\(BADTIME\\): .* too far apart \\(its clock is (4000|4001|3999) s ${direction}\\)$`),
        );
        const flipped = targetOf(configFor(bind.server), { clock }).flip('shanghai', 1);
        await expect(flipped).rejects.toThrow(/not flipped: .*BADTIME/);
      });

      test('a key that may look but not change', async () => {
        const serial = await bind.serial();
        const guest = targetOf(configFor(bind.server, {}, 'guest'));
        expect((await read(guest)).active).toBe('beijing');
        await expect(guest.flip('shanghai', 1)).rejects.toThrow(
          /not flipped to shanghai: it answered REFUSED: its policy does not allow this to the key .*published: 10\.0\.1/,
        );
        expect(await bind.serial()).toBe(serial);
      });

      test.each([
        ['a zone that is somewhere else', { zone: 'nowhere.test', record: 'amqp.nowhere.test' }, /it answered REFUSED/],
        [
          'a zone that did not load',
          { zone: 'broken.test', record: 'amqp.broken.test' },
          /it answered SERVFAIL: .* log/,
        ],
        [
          'a name below a delegation',
          { record: 'amqp.elsewhere.example.test' },
          /it is not authoritative for amqp\.elsewhere\.example\.test/,
        ],
      ])('%s', async (_, change, sentence) => {
        expect(await detailOf({}, change)).toMatch(sentence);
        await expect(target(change).flip('shanghai', 1)).rejects.toThrow(sentence);
      });

      test('another record than the one that the key is for', async () => {
        await expect(target({ record: 'ns.example.test' }).flip('shanghai', 1)).rejects.toThrow(/it answered REFUSED/);
        expect(await bind.resolver.resolve4('ns.example.test')).toEqual([bind.host]);
      });

      test('an update of another zone than the one there is', async () => {
        await expect(target({ zone: 'test' }).flip('shanghai', 1)).rejects.toThrow(
          /not flipped to shanghai: it answered NOTAUTH: it is not the primary server of the zone/,
        );
      });
    });
  });
});
