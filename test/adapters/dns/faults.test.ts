import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { systemClock } from '../../../adapters/system/clock.ts';
import { leaseMs } from '../../../core/flow/moment.ts';
import type { Pair } from '../../../core/model/config.ts';
import { targetsOf } from '../../../lambdas/shared/targets.ts';
import { read } from '../../contracts/target.ts';
import { type Bind, bindInstalled, bindKeys, startBind } from '../../support/bind.ts';
import { configFor, edit, marker, record, reset, targetOf, values } from './bind.ts';
import { isUpdate, type Middle, startMiddle, type Treatment } from './middle.ts';

const maybe = bindInstalled() ? describe : describe.skip;
jest.setTimeout(30_000);

maybe('between a target and a real BIND', () => {
  let bind: Bind;
  let middle: Middle | undefined;
  const direct = () => targetOf(configFor(bind.server));
  const through = async (treatment: Treatment) => {
    middle = await startMiddle(bind, treatment);
    return targetOf(configFor(middle.server));
  };
  const published = async () => (await bind.resolver.resolve4(record)).sort();
  beforeAll(async () => {
    bind = await startBind();
  });
  afterAll(() => bind?.stop());
  beforeEach(() => reset(bind));
  afterEach(() => middle?.stop());

  test.each([
    ['before anybody had written', async () => {}],
    ['after others had', async () => void (await direct().flip('beijing', 3))],
  ])(
    'a writer that was held up and overtaken, %s, is refused by the server and changes nothing',
    async (_, prepare) => {
      await prepare();
      let serial = 0;
      const late = await through({
        async request(request) {
          if (!isUpdate(request)) return request;
          await direct().flip('beijing', 5);
          serial = await bind.serial();
          return request;
        },
      });
      await expect(late.flip('shanghai', 4)).rejects.toThrow(
        /not flipped to shanghai: it answered (NXRRSET|YXRRSET): .* somebody else changed .*marker: pair trading, epoch 5, beijing/,
      );
      expect([await bind.serial(), await published()]).toEqual([serial, values.beijing]);
    },
  );

  test('two writers of one decision at the same moment both find it done', async () => {
    const slow = await through({
      async request(request) {
        if (isUpdate(request)) await direct().flip('shanghai', 4);
        return request;
      },
    });
    expect(await slow.flip('shanghai', 4)).toMatchObject({ active: 'shanghai' });
  });

  test('an edit between reading and writing is not overwritten', async () => {
    const late = await through({
      async request(request) {
        if (isUpdate(request)) await edit(bind, record, 'A', [Buffer.of(10, 9, 9, 9)]);
        return request;
      },
    });
    await expect(late.flip('shanghai', 1)).rejects.toThrow(/it answered NXRRSET/);
    expect(await published()).toEqual(['10.9.9.9']);
  });

  test('an answer that is lost after the server did it counts as done', async () => {
    const target = await through({ answer: (answer, request) => (isUpdate(request) ? null : answer) });
    expect(await target.flip('shanghai', 1)).toMatchObject({ active: 'shanghai' });
    expect(await bind.resolver.resolveTxt(marker)).toEqual([['warren pair=trading site=shanghai epoch=1']]);
  });

  test('an update that is not answered and not done is an unknown outcome', async () => {
    const target = await through({ request: (request) => (isUpdate(request) ? null : request) });
    await expect(target.flip('shanghai', 1)).rejects.toThrow(
      /the outcome of the flip to shanghai is unknown: .* did not answer within 500 ms \(then published: 10\.0\.1/,
    );
  });

  test('an update that is done where reading back fails is an unknown outcome', async () => {
    let updated = false;
    const target = await through({
      request(request) {
        if (updated) return null;
        updated = isUpdate(request);
        return request;
      },
    });
    await expect(target.flip('shanghai', 1)).rejects.toThrow(
      /is unknown: the update was accepted \(then the DNS server/,
    );
    expect(await published()).toEqual(values.shanghai);
  });

  test.each<[string, (answer: Buffer, request: Buffer) => Buffer, RegExp]>([
    [
      'whose addresses were changed',
      (answer) => flipBit(answer, answer.indexOf('0a00010', 0, 'hex') + 3),
      /signature .* wrong/,
    ],
    ['whose flags were changed', (answer) => flipBit(answer, 2), /signature .* wrong|another message/],
    ['whose signature was changed', (answer) => flipBit(answer, answer.length - 7), /signature .* wrong/],
    ['without its signature', stripSignature, /its answer is not signed/],
    ['with something after it', (answer) => Buffer.concat([answer, Buffer.of(0)]), /more than its header says/],
    ['that is cut short', (answer) => answer.subarray(0, -10), /it ends within a record/],
    ['of another message', (answer) => flipBit(answer, 0), /message id of its answer was changed/],
    ['that is the question itself', (_, request) => request, /signature .* wrong/],
    ['of an HTTP server', () => Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'), /cannot be asked: /],
    ['that is empty', () => Buffer.alloc(0), /shorter than the header/],
  ])('an answer %s is refused', async (_, answer, sentence) => {
    const target = await through({ answer });
    expect(await target.read()).toMatchObject({ status: 'unreadable', detail: expect.stringMatching(sentence) });
    await expect(target.flip('shanghai', 1)).rejects.toThrow(/not flipped: .*cannot be asked/);
    expect(await published()).toEqual(values.beijing);
  });

  test('an answer to the same question of somebody else is refused', async () => {
    const recorded = new Map<number, Buffer>();
    const recording = await through({
      answer(answer) {
        recorded.set(answer.length, answer);
        return answer;
      },
    });
    expect((await read(recording)).active).toBe('beijing');
    middle?.stop();
    const replaying = await through({ answer: (answer) => recorded.get(answer.length) ?? answer });
    expect(await replaying.read()).toMatchObject({ detail: expect.stringMatching(/signature of its answer is wrong/) });
  });

  describe('within the deadlines of a real pair', () => {
    const productionTarget = (server: string, secretText = async (): Promise<string> => bindKeys.warren.secret) => {
      const pair = { name: 'trading', targets: [{ dns: configFor(server) }] } as unknown as Pair;
      const [target] = targetsOf(pair, { clock: systemClock, secretText });
      if (!target) throw new Error('no target');
      return target;
    };
    const measure = async (work: Promise<unknown>) => {
      const startedAtMs = systemClock.monotonicMs();
      await expect(work).rejects.toThrow(/did not answer within/);
      return systemClock.monotonicMs() - startedAtMs;
    };

    test('a server that accepts and never answers is given up', async () => {
      middle = await startMiddle(bind, { request: () => null });
      const target = productionTarget(middle.server);
      expect(await target.read()).toMatchObject({
        status: 'unreadable',
        detail: expect.stringMatching(/within 714 ms/),
      });
      expect(await measure(target.flip('shanghai', 1))).toBeLessThan(leaseMs / 2);
    });

    test('so is one that stops answering at the worst moment, and one whose key cannot be had', async () => {
      let updating = false;
      middle = await startMiddle(bind, {
        request(request) {
          updating ||= isUpdate(request);
          return updating ? null : request;
        },
      });
      expect(await measure(productionTarget(middle.server).flip('shanghai', 1))).toBeLessThan(leaseMs / 2);
      const keyless = productionTarget(bind.server, () => new Promise(() => {}));
      expect(await measure(keyless.flip('shanghai', 1))).toBeLessThan(leaseMs / 2);
    });
  });
});

test.each([
  ['is not base64', 'hunter2 hunter2 hunter2'],
  ['is shorter than 16 bytes', 'aHVudGVyMg=='],
])('a secret that %s makes the target unreadable, and is not told', async (problem, secret) => {
  const target = targetOf(configFor('127.0.0.1:9'), { secretText: async () => secret });
  const { detail } = await target.read();
  expect(detail).toContain(`the secret of the key ${problem}`);
  expect(detail).not.toContain(secret);
});

test('a server that nobody runs is unreadable', async () => {
  expect(await targetOf(configFor('127.0.0.1:9')).read()).toEqual({
    target: 'dns:127.0.0.1:9/amqp.example.test/A',
    status: 'unreadable',
    detail: expect.stringMatching(/^the DNS server 127\.0\.0\.1:9 cannot be asked: .*ECONNREFUSED/),
  });
});

function flipBit(answer: Buffer, at: number): Buffer {
  const changed = Buffer.from(answer);
  changed.writeUInt8(changed.readUInt8(at) ^ 1, at);
  return changed;
}

/** The signature is the last record; its owner is the name of the key. */
function stripSignature(answer: Buffer): Buffer {
  const stripped = Buffer.from(answer.subarray(0, answer.lastIndexOf(Buffer.from('\x06warren\x00', 'latin1'))));
  stripped.writeUInt16BE(answer.readUInt16BE(10) - 1, 10);
  return stripped;
}
