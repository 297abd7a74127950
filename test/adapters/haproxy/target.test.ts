import { once } from 'node:events';
import { createServer } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { createHaproxyTarget } from '../../../adapters/haproxy/target.ts';
import { systemClock } from '../../../adapters/system/clock.ts';
import { describeTargetContract, read } from '../../contracts/target.ts';
import { type Haproxy, haproxyInstalled, startHaproxy } from './haproxy.ts';

const options = { clock: systemClock, timeoutMs: 1_000 };
const servers = { beijing: ['bj1', 'bj2'], shanghai: ['sh1'] };
const states = {
  beijing: { bj1: 'ready', bj2: 'ready', sh1: 'maint' },
  shanghai: { bj1: 'maint', bj2: 'maint', sh1: 'ready' },
  split: { bj1: 'maint', bj2: 'ready', sh1: 'ready' },
  none: { bj1: 'maint', bj2: 'drain', sh1: 'maint' },
};

async function setStates(haproxy: Haproxy, wanted: Record<string, string>): Promise<void> {
  for (const [server, state] of Object.entries(wanted)) await haproxy.say(`set server amqp/${server} state ${state}`);
}

/** Passes questions on to a real HAProxy; hangs on some, and cuts the answers to others in half. */
async function startMiddle(haproxy: Haproxy, treatmentOf: (line: string) => 'pass' | 'hang' | 'cut') {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', async (data) => {
      const line = String(data).trim();
      const treatment = treatmentOf(line);
      if (treatment === 'hang') return;
      const answer = await haproxy.say(line);
      socket.end(treatment === 'cut' ? answer.slice(0, answer.length / 2) : answer);
    });
  });
  server.listen(9_999, '127.0.6.97');
  await once(server, 'listening');
  return { address: '127.0.6.97:9999', stop: () => void server.close() };
}

const maybe = haproxyInstalled() ? describe : describe.skip;
jest.setTimeout(30_000);

maybe('a real HAProxy', () => {
  describeTargetContract('the HAProxy target', async () => {
    const haproxy = await startHaproxy('127.0.6');
    return {
      target: createHaproxyTarget({ address: haproxy.address, backend: 'amqp', servers }, options),
      clock: systemClock,
      edit: (active) => setStates(haproxy, states[active]),
      restart: haproxy.restart,
      stopAnswering: () => haproxy.signalWorker('SIGSTOP'),
      answerAgain: () => haproxy.signalWorker('SIGCONT'),
      remove: haproxy.stop,
    };
  });

  describe('beyond the contract', () => {
    let haproxy: Haproxy;
    const target = (change = {}) =>
      createHaproxyTarget({ address: haproxy.address, backend: 'amqp', servers, ...change }, options);
    beforeAll(async () => {
      haproxy = await startHaproxy('127.0.6');
    });
    afterAll(() => haproxy?.stop());
    beforeEach(() => setStates(haproxy, { ...states.beijing, stray: 'maint' }));

    test('a flip closes the sessions to the old side at once, and new clients reach the new side at once', async () => {
      const clients = await Promise.all([haproxy.client(), haproxy.client(), haproxy.client()]);
      expect(clients.every(({ server }) => server.startsWith('bj'))).toBe(true);
      const closed = Promise.all(clients.map(({ socket }) => once(socket, 'close')));
      const startedAtMs = systemClock.monotonicMs();
      await target().flip('shanghai', 1);
      const next = await haproxy.client();
      await closed;
      expect(systemClock.monotonicMs() - startedAtMs).toBeLessThan(1_000);
      expect(next.server).toBe('sh1');
      next.socket.destroy();
    });

    test('during flips the backend is never empty, and one client is cut off at most once by each', async () => {
      const [active, attempts] = [new Set<string>(), [] as string[]];
      let flipping = true;
      const whileFlipping = async (look: () => Promise<void>) => {
        while (flipping) await look();
      };
      const looking = Promise.all([
        whileFlipping(async () => void active.add((await read(target())).active)),
        whileFlipping(async () => {
          const { server, socket } = await haproxy.client();
          attempts.push(server);
          socket.destroy();
        }),
      ]);
      for (let epoch = 1; epoch <= 10; epoch++) await target().flip(epoch % 2 ? 'shanghai' : 'beijing', epoch);
      flipping = false;
      await looking;
      expect([...active].filter((site) => site === 'none')).toEqual([]);
      // A client that had just been given to the old side is closed with the others.
      expect(attempts.filter((server) => server === 'refused').length).toBeLessThanOrEqual(10);
      expect(attempts).toEqual(expect.arrayContaining(['bj1', 'sh1']));
    });

    test('a repeated flip leaves sessions of the side that already has the traffic alone', async () => {
      const { socket } = await haproxy.client();
      await target().flip('beijing', 1);
      socket.write('still here');
      expect(String((await once(socket, 'data'))[0])).toBe('still here');
      socket.destroy();
    });

    test('a unix socket serves as well, with or without unix: before its path', async () => {
      for (const address of [haproxy.socketPath, `unix:${haproxy.socketPath}`]) {
        expect(await target({ address }).flip('shanghai', 1)).toMatchObject({ active: 'shanghai' });
        expect(target({ address }).id).toBe(`haproxy:${address}/amqp`);
      }
    });

    test('a reload forgets what was written, and changes the instance', async () => {
      await target().flip('shanghai', 1);
      const before = await read(target());
      await haproxy.reload();
      const after = await read(target());
      expect(after.active).toBe('beijing');
      expect(after.instance).not.toBe(before.instance);
    });

    test('a hung HAProxy is given up at the deadline', async () => {
      await haproxy.signalWorker('SIGSTOP');
      const startedAtMs = systemClock.monotonicMs();
      expect(await target().read()).toMatchObject({
        status: 'unreadable',
        detail: `HAProxy at ${haproxy.address} did not answer within 1000 ms`,
      });
      expect(systemClock.monotonicMs() - startedAtMs).toBeLessThan(1_500);
      await haproxy.signalWorker('SIGCONT');
    });

    test('one server in maintenance, one at weight 0 and strangers are told; a site with one serving is active', async () => {
      await setStates(haproxy, { bj1: 'maint', stray: 'ready' });
      const { active, detail } = await read(target());
      expect(active).toBe('beijing');
      expect(detail).toBe(
        'serving: bj2; not serving: bj1 (maintenance), sh1 (maintenance); of neither site, ignored: stray',
      );
    });

    test('a new side that stays shut is a TargetError before the old side is shut', async () => {
      await haproxy.say('set weight amqp/sh1 0');
      await expect(target().flip('shanghai', 1)).rejects.toThrow(/no server of shanghai serves after "state ready"/);
      expect((await read(target())).active).toBe('beijing');
      await haproxy.say('set weight amqp/sh1 100%');
    });

    test.each([
      [
        'a server',
        { servers: { ...servers, shanghai: ['sh1', 'sh2'] } },
        'HAProxy backend amqp cannot be read: it has no server sh2',
      ],
      ['a backend', { backend: 'web' }, "HAProxy backend web cannot be read: Can't find backend."],
    ])('%s that HAProxy does not have makes it unreadable, and a flip changes nothing', async (_, change, detail) => {
      expect(await target(change).read()).toMatchObject({ status: 'unreadable', detail });
      await expect(target(change).flip('shanghai', 1)).rejects.toThrow(detail);
      expect((await read(target())).active).toBe('beijing');
    });

    test('a HAProxy that hangs in the middle of a flip leaves both sides open, which is seen, and the next flip mends it', async () => {
      const middle = await startMiddle(haproxy, (line) => (line.includes('state maint') ? 'hang' : 'pass'));
      await expect(target({ address: middle.address }).flip('shanghai', 1)).rejects.toThrow(
        /the flip to shanghai may be half done: HAProxy at 127\.0\.6\.97:9999 did not answer within 1000 ms/,
      );
      expect((await read(target())).active).toBe('split');
      expect(await target().flip('shanghai', 2)).toMatchObject({ active: 'shanghai' });
      middle.stop();
    });

    test('an answer that is cut short is unreadable', async () => {
      const middle = await startMiddle(haproxy, (line) => (line.includes('servers state') ? 'cut' : 'pass'));
      expect(await target({ address: middle.address }).read()).toMatchObject({ status: 'unreadable' });
      middle.stop();
    });

    test('without level admin a flip is a TargetError that names the refused command', async () => {
      await expect(target({ address: haproxy.userAddress }).flip('shanghai', 1)).rejects.toThrow(
        /answered "set server amqp\/sh1 state ready" with "Permission denied/,
      );
      expect((await read(target())).active).toBe('beijing');
    });
  });
});

test('an address where nothing listens is unreadable', async () => {
  const target = createHaproxyTarget({ address: '127.0.6.99:9999', backend: 'amqp', servers }, options);
  expect(await target.read()).toEqual({
    target: 'haproxy:127.0.6.99:9999/amqp',
    status: 'unreadable',
    detail: expect.stringMatching(/^HAProxy at 127\.0\.6\.99:9999 cannot be reached: .*ECONNREFUSED/),
  });
});

test.each([
  ['nothing', '', /closed the connection without an answer/],
  [
    'something else',
    'HTTP/1.1 400 Bad Request\r\n\r\n',
    /HAProxy backend amqp cannot be read: HTTP\/1.1 400 Bad Request/,
  ],
])('a server that answers %s is unreadable', async (_, answer, detail) => {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', () => socket.end(answer));
  });
  server.listen(9_997, '127.0.6.98');
  await once(server, 'listening');
  const target = createHaproxyTarget({ address: '127.0.6.98:9997', backend: 'amqp', servers }, options);
  expect(await target.read()).toMatchObject({ status: 'unreadable', detail: expect.stringMatching(detail) });
  server.close();
});

test('a reading is what one process says: a reload may come between two connections', async () => {
  let connections = 0;
  const server = createServer((socket) => {
    connections += 1;
    socket.on('error', () => {});
    const info = `Pid: ${connections}\nUptime_sec: 1.5\nStart_time_sec: 1.5\n\n`;
    const row = (name: string) => `${name} 0 1 2\n`;
    const state = `1\n# srv_name srv_admin_state srv_uweight srv_op_state\n${Object.values(servers).flat().map(row).join('')}\n`;
    socket.once('data', () => socket.end(info + state));
  });
  server.listen(9_997, '127.0.6.98');
  await once(server, 'listening');
  const target = createHaproxyTarget({ address: '127.0.6.98:9997', backend: 'amqp', servers }, options);
  expect(await target.read()).toMatchObject({ status: 'read', instance: '1@1.5' });
  expect(connections).toBe(1);
  server.close();
});
