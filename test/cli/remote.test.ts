import { once } from 'node:events';
import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { type AddressInfo, connect, createServer, type Server } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createRemoteControl } from '../../cli/remoteControl.ts';
import { remoteOf } from '../../cli/remoteControlAddress.ts';
import { failureOf } from '../../cli/remoteControlFailure.ts';
import { byToken } from '../../cli/remoteControlIdentity.ts';
import type { SourceOptions } from '../../cli/source.ts';
import { createApi } from '../../lambdas/api/app.ts';
import { openApiDocument } from '../../lambdas/api/document.ts';
import { createTokenAuthorizer } from '../../lambdas/api/tokens.ts';
import { serve } from '../../lambdas/shared/serve.ts';
import { alice, createDesk, type DeskOptions, dayMs, hourMs, why } from '../core/flow/control/desk.ts';
import { operation } from '../support/situation.ts';
import { createPlace, type Ended, unreachableConfig } from './command.ts';

const place = createPlace();
place.write('warren.yaml', unreachableConfig());
afterAll(() => place.remove());

const tokens = { alice: 'token-of-alice-0123456789', reader: 'token-of-reader-0123456789' };
const plenty = { readsPerToken: 1e6, changesPerToken: 1e6, strangersPerAddress: 1e6 };
const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

/** A Warren elsewhere: a desk whose wall clock is right, behind its API on a port. */
async function openWarren(options: DeskOptions = {}, limits = plenty) {
  const desk = await createDesk({ ...options, watchedAgoMs: null });
  desk.clock.setWallClock(Date.now());
  await desk.watched(0);
  const { control, clock } = desk;
  const sources = [
    { name: 'alice', scope: 'admin' as const, resolve: async () => tokens.alice },
    { name: 'reader', scope: 'read' as const, resolve: async () => tokens.reader },
  ];
  const authorize = createTokenAuthorizer({ tokens: sources, clock, onUnusable: () => {} });
  const onFailure = (error: unknown) => {
    throw error;
  };
  const app = createApi({ control, clock, authorize, limits, document: openApiDocument(), onFailure });
  const fetch = (request: Request, environment: object) => app.fetch(request, environment);
  const served = await serve({ listen: '127.0.0.1:0', fetch, signal: new AbortController().signal });
  closing.push(served.close);
  return { ...desk, url: served.url };
}

async function listening(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closing.push(() => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A server that answers in its own way. */
async function answering(listener: RequestListener): Promise<string> {
  const server = createHttpServer(listener);
  closing.push(() => server.closeAllConnections());
  return await listening(server);
}

const hostOf = (url: string) => new URL(url).host;

/** The real program, as the holder of a token. Whatever happens, it does not print the token. */
async function run(url: string, words: string[], environment: Record<string, string> = {}): Promise<Ended> {
  const ended = await place.run([...words, '--url', url], { WARREN_TOKEN: tokens.alice, ...environment });
  for (const token of Object.values(tokens)) expect(`${ended.stdout}${ended.stderr}`).not.toContain(token);
  return ended;
}

describe('against a Warren elsewhere', () => {
  test('status and readiness say what they say there, with the same exit codes', async () => {
    const { url, target } = await openWarren();
    const status = await run(url, ['status']);
    expect({ code: status.code, stderr: status.stderr }).toEqual({ code: 0, stderr: '' });
    expect(status.stdout).toMatch(/^demo\n {2}Protected: if beijing goes down, traffic moves to shanghai\./);
    expect((await run(url, ['readiness'])).code).toBe(0);
    target.edit('shanghai');
    const unready = await run(url, ['readiness', 'demo', '--json']);
    expect(unready.code).toBe(3);
    expect(JSON.parse(unready.stdout).pairs).toMatchObject([{ pair: 'demo', protected: false, because: 'targets' }]);
    expect(await run(url, ['status', 'dmeo'])).toMatchObject({
      code: 2,
      stderr: 'warren: There is no pair "dmeo". The configuration has: demo.\n',
    });
  }, 20_000);

  test('why, history, operation and audit tell its past', async () => {
    const { url, store } = await openWarren();
    const ended = operation('finished');
    const atMs = Date.now() - hourMs;
    const timeline = { ...ended.timeline, claimedAtMs: atMs, endedAtMs: atMs };
    await store.saveOperation({ ...ended, timeline, outcome: 'traffic is on shanghai' });
    expect((await run(url, ['why'])).stdout).toContain('Both sides are up.');
    expect((await run(url, ['history'])).stdout).toMatch(/operation +Failover 2 is done.*\n.*decision +Both sides/);
    expect((await run(url, ['history', '--operations'])).stdout).toContain('traffic is on shanghai');
    expect((await run(url, ['operation', 'demo-2'])).stdout).toContain('traffic is on shanghai');
    expect((await run(url, ['audit'])).stdout).toMatch(/^Nobody did anything since/);
  }, 20_000);

  test('a failover is rehearsed, and what is unknown is not called off', async () => {
    const { url, stored } = await openWarren();
    const { code, stdout } = await run(url, ['failover', 'demo', '--reason', 'lost', '--dry-run']);
    expect(code).toBe(3);
    expect(stdout).toMatch(/^Failover from beijing to shanghai: would be refused\. Nothing was changed\.\n/);
    expect((await stored()).version).toBe(1);
    expect(await run(url, ['cancel', 'demo-9', '--reason', 'x'])).toEqual({
      code: 2,
      stdout: '',
      stderr: 'warren: No operation "demo-9" is asked for, under way or in the history.\n',
    });
  }, 20_000);

  test('a pause begins and ends on behalf of whom the token names', async () => {
    const { url, stored, acts } = await openWarren();
    const paused = await run(url, ['pause', 'demo', '--reason', 'upgrade', '--for', '2h']);
    expect(paused).toMatchObject({ code: 0, stdout: expect.stringMatching(/^Paused by alice until /) });
    expect((await stored()).pause).toMatchObject({ owner: 'alice', reason: 'upgrade' });
    expect((await run(url, ['resume', 'demo', '--reason', 'done', '--json'])).stdout).toContain('"changed":true');
    expect((await run(url, ['resume', 'demo', '--reason', 'done'])).stdout).toBe('demo is not paused.\n');
    expect(await acts()).toMatchObject(Array(3).fill({ who: 'alice', via: 'api', from: '127.0.0.1' }));
  }, 20_000);

  test('a move is waited for to its end', async () => {
    const { url, store, stored } = await openWarren();
    const moving = run(url, ['switchover', 'demo', '--reason', 'new disks']);
    while (!(await stored()).request) await sleep(20);
    const { request, ...record } = await stored();
    const moved = { ...operation('finished'), id: request?.id ?? '', verb: 'switchover' as const };
    await store.saveOperation({ ...moved, outcome: 'traffic is on shanghai' });
    await store.writePair({ ...record, request: null });
    expect(await moving).toMatchObject({ code: 0, stdout: expect.stringMatching(/^Switchover 2 is done: traffic/) });
  }, 20_000);

  test('a move that cannot be followed any more goes on, and that is said', async () => {
    const { url, stored } = await openWarren();
    const moving = run(url, ['switchover', 'demo', '--reason', 'new disks']);
    while (!(await stored()).request) await sleep(20);
    for (const close of closing.splice(0)) await close();
    const { code, stderr } = await moving;
    expect(code).toBe(1);
    expect(stderr).toMatch(/nothing listens there: no longer waiting\. The operation demo-\w+ goes on; /);
  }, 20_000);
});

describe('a path in front of the API', () => {
  test('is kept, with or without a slash at its end', async () => {
    const paths: (string | undefined)[] = [];
    const url = await answering((request, response) => {
      paths.push(request.url);
      response.writeHead(404).end();
    });
    for (const path of ['/dr/warren', '/dr/warren/']) {
      const remote = createRemoteControl({
        url: `${url}${path}`,
        identity: byToken(async () => tokens.alice),
        timeoutMs: 1_000,
      });
      await expect(remote.status('demo')).rejects.toThrow('there is no API of Warren at this address');
      await remote.close();
    }
    expect(paths).toEqual(['/dr/warren/v1/pairs/demo', '/dr/warren/v1/pairs/demo']);
  });
});

describe('the token', () => {
  const ask = (url: string, environment: Record<string, string>, ...words: string[]) =>
    place.run(['readiness', '--url', url, ...words], environment);

  test('comes from the environment or from a file', async () => {
    const { url } = await openWarren();
    place.write('reader.token', `${tokens.reader}\n`);
    const byName = { WARREN_URL: `${url}/`, WARREN_TOKEN: tokens.reader };
    expect((await place.run(['readiness'], byName)).code).toBe(0);
    expect((await ask(url, { WARREN_TOKEN: 'another' }, '--token-file', 'reader.token')).code).toBe(0);
  }, 20_000);

  test('that is missing, unusable or not known there is bad input, and is not shown', async () => {
    const { url } = await openWarren();
    place.write('broken.token', 'one two three four five\n');
    const wrong = 'not-a-token-of-anybody';
    const cases: [Record<string, string>, string[], string][] = [
      [{}, [], 'There is no token: put it into WARREN_TOKEN, or name its file with --token-file.'],
      [{ WARREN_TOKEN: 'hunter2' }, [], 'WARREN_TOKEN holds no token: expected at least 16 characters'],
      [{}, ['--token-file', 'none.token'], 'the file cannot be read (ENOENT)'],
      [{}, ['--token-file', 'broken.token'], '--token-file holds no token: expected visible ASCII'],
      [{ WARREN_TOKEN: wrong }, [], `${hostOf(url)}: The token presented is not valid here.`],
    ];
    for (const [environment, words, complaint] of cases) {
      const { code, stdout, stderr } = await ask(url, environment, ...words);
      expect({ code, stdout, stderr }).toEqual({ code: 2, stdout: '', stderr: expect.stringContaining(complaint) });
      expect(stderr).not.toMatch(/hunter2|one two|not-a-token/);
    }
  }, 30_000);

  test('that may only read changes nothing, and is told what it takes', async () => {
    const { url, stored } = await openWarren();
    const environment = { WARREN_TOKEN: tokens.reader };
    const { code, stderr } = await run(url, ['retry', 'demo', '--reason', 'x'], environment);
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: `warren: ${hostOf(url)}: POST here needs a token with the scope operate; this one has read.\n`,
    });
    expect((await stored()).version).toBe(1);
  }, 20_000);

  test('that asks too often is told when to come again', async () => {
    const { url } = await openWarren({}, { ...plenty, readsPerToken: 1 });
    expect((await run(url, ['readiness'])).code).toBe(0);
    const { code, stderr } = await run(url, ['readiness']);
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: `warren: ${hostOf(url)}: too many requests, try again in 60 s.\n`,
    });
  }, 20_000);

  test('that asks too often for a moment is heard when it comes again, unless it changes something', async () => {
    const warren = await openWarren();
    const remoteStatus = await (
      await fetch(`${warren.url}/v1/pairs`, { headers: { authorization: `Bearer ${tokens.alice}` } })
    ).text();
    let refusals = 0;
    const url = await answering((_, response) => {
      refusals += 1;
      if (refusals > 2) response.end(remoteStatus);
      else response.writeHead(429, { 'retry-after': '0' }).end();
    });
    expect((await run(url, ['readiness'])).code).toBe(0);
    refusals = 0;
    const changing = await run(url, ['retry', 'demo', '--reason', 'x']);
    expect(changing).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('too many requests, try again in 0 s.'),
    });
    expect(refusals).toBe(1);
  }, 20_000);
});

describe('options that do not go together', () => {
  const url = 'http://127.0.0.1:1';
  const pause = ['pause', 'demo', '--for', '1h', '--reason', 'x'];
  test.each([
    [['status', '--url', url, '--config', 'warren.yaml'], /--url is about a Warren elsewhere, --config/],
    [[...pause, '--url', url, '--who', 'mallory'], /--who: got "mallory", expected none with a URL/],
    [['status', '--url', 'https://me:hunter2@warren.example'], /got "https:\/\/\(hidden\)@warren\.example", expected/],
    [['notify', '--url', url], /unknown option '--url'/],
  ])('%j is bad input', async (words, complaint) => {
    const { code, stdout, stderr } = await place.run(words, { WARREN_TOKEN: tokens.alice });
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(complaint);
    expect(stderr).not.toContain('hunter2');
  });

  test.each<[SourceOptions, RegExp]>([
    [{ url, store: 'warren.db' }, /^--url is about a Warren elsewhere/],
    [{ tokenFile: 'x' }, /^--token-file is for a Warren elsewhere/],
    [{ insecure: true }, /^--insecure is for a Warren elsewhere/],
    [{ url: '' }, /^--url: got "", expected https:\/\/HOST\[:PORT\]/],
    [{ url: 'warren.example:8672' }, /^--url: got "warren\.example:8672", expected https:\/\//],
    [{ url: 'ftp://warren.example' }, /^--url: got "ftp:\/\/warren\.example", expected https:\/\//],
    [{ url: 'https://warren.example/?token=1' }, /without user, query or fragment/],
    [{ url: 'http://warren.example:8672' }, /expected https: the token would travel in the clear/],
    [{ url: 'http://127.0.0.1.example' }, /expected https: the token would travel in the clear/],
    [{ url: 'http://[::ffff:7f00:1]' }, /expected https: the token would travel in the clear/],
  ])('%j is bad input, too', (options, complaint) => {
    expect(() => remoteOf(options, {})).toThrow(complaint);
  });

  test.each<[SourceOptions, NodeJS.ProcessEnv, string | undefined]>([
    [{}, {}, undefined],
    [{}, { WARREN_URL: '' }, undefined],
    [{ store: 'warren.db' }, { WARREN_URL: url }, undefined],
    [{}, { WARREN_URL: url }, 'http://127.0.0.1:1/'],
    [{ url: 'http://127.1' }, { WARREN_URL: 'nonsense' }, 'http://127.0.0.1/'],
    [{ url: 'http://[::1]:8672' }, {}, 'http://[::1]:8672/'],
    [{ url: 'http://localhost' }, {}, 'http://localhost/'],
    [{ url: 'https://warren.example/dr/' }, {}, 'https://warren.example/dr/'],
    [{ url: 'http://warren.example', insecure: true }, {}, 'http://warren.example/'],
  ])('%j under %j is about %s', (options, environment, expected) => {
    expect(remoteOf(options, environment)?.url).toBe(expected);
  });

  test('a configuration that is named is meant, whatever the environment says', async () => {
    const environment = { WARREN_URL: url, WARREN_TOKEN: tokens.alice };
    const { code, stdout } = await place.run(['readiness', '--config', 'warren.yaml'], environment);
    expect({ code, stdout }).toEqual({ code: 3, stdout: expect.stringContaining('nothing has watched demo yet') });
  });
});

describe('a Warren that cannot be asked', () => {
  const none = createServer();
  let closed = '';
  beforeEach(async () => {
    none.listen(0, '127.0.0.1');
    await once(none, 'listening');
    closed = `127.0.0.1:${(none.address() as AddressInfo).port}`;
    none.close();
    await once(none, 'close');
  });

  test('because nothing listens there is one sentence', async () => {
    expect(await run(`http://${closed}`, ['status'])).toEqual({
      code: 1,
      stdout: '',
      stderr: `warren: ${closed} cannot be reached: nothing listens there.\n`,
    });
    const changing = await run(`http://${closed}`, ['resume', 'demo', '--reason', 'x']);
    expect(changing.stderr).toBe(`warren: ${closed} cannot be reached: nothing listens there.\n`);
  }, 20_000);

  test('because it speaks no TLS, or there is no such host', async () => {
    const { url } = await openWarren();
    const plain = await run(url.replace('http:', 'https:'), ['status']);
    expect(plain).toMatchObject({ code: 1, stderr: expect.stringMatching(/cannot be reached: .*TLS.*\.\n$/) });
    const nowhere = await run('https://warren.invalid', ['status']);
    expect(nowhere.code).toBe(1);
    expect(nowhere.stderr).toMatch(/^warren: warren\.invalid cannot be reached: .*\.\n$/);
  }, 20_000);

  test.each([
    [{ code: 'DEPTH_ZERO_SELF_SIGNED_CERT' }, 'unreached', /nobody trusted signed its certificate/],
    [{ code: 'ERR_TLS_CERT_ALTNAME_INVALID' }, 'unreached', /its certificate is for another name/],
    [{ code: 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION' }, 'unreached', /TLS fails \(ERR_SSL_TLSV1/],
    [{ code: 'UND_ERR_CONNECT_TIMEOUT' }, 'unreached', /takes no connection in time/],
    [{ code: 'EHOSTUNREACH', syscall: 'connect' }, 'unreached', /there is no way to that host/],
    [{ code: 'EHOSTUNREACH', syscall: 'read' }, 'cut', /broke the connection .*\(EHOSTUNREACH\)\.$/],
    [{}, 'cut', /\(no reason given\)\.$/],
  ])('%j is %s', (details, kind, sentence) => {
    const failure = failureOf(Object.assign(new Error(), details), { host: 'there', timeoutMs: 1, isLate: false });
    expect(failure).toMatchObject({ kind, message: expect.stringMatching(sentence) });
  });

  test('because it is too slow is told after ten seconds', async () => {
    const url = await answering(() => {});
    const startedAtMs = performance.now();
    expect(await run(url, ['status'])).toEqual({
      code: 1,
      stdout: '',
      stderr: `warren: ${hostOf(url)} gave no answer within 10 s.\n`,
    });
    expect(performance.now() - startedAtMs).toBeLessThan(14_000);
  }, 30_000);

  test('by a change that is too slow, three times under one key, whose outcome is not known', async () => {
    const keys: unknown[] = [];
    const url = await answering((request) => {
      keys.push(request.headers['idempotency-key']);
    });
    const remote = createRemoteControl({ url, identity: byToken(async () => tokens.alice), timeoutMs: 100 });
    await expect(remote.retry(alice, 'demo', why())).rejects.toMatchObject({
      exitCode: 1,
      message: expect.stringMatching(
        /within 0\.1 s\. It was asked 3 times, under one key\. Whether it was done is not/,
      ),
    });
    expect(keys).toEqual([keys[0], keys[0], keys[0]]);
    await remote.close();
  });
});

describe('answers that are none', () => {
  async function askedOf(listener: RequestListener, change = false) {
    const url = await answering(listener);
    const remote = createRemoteControl({ url, identity: byToken(async () => tokens.alice), timeoutMs: 2_000 });
    closing.push(() => remote.close());
    const asked = change ? remote.retry(alice, 'demo', why()) : remote.status();
    return await asked.then(
      () => ({ exitCode: 0, message: '' }),
      (error) => ({ exitCode: error.exitCode, message: error.message.replace(hostOf(url), 'HOST') }),
    );
  }
  const says =
    (status: number, text: string, headers = {}): RequestListener =>
    (_, response) =>
      response.writeHead(status, headers).end(text);
  const problem = (status: number, name: string) =>
    says(status, JSON.stringify({ type: `urn:warren:problem:${name}`, title: '', status, detail: 'It is so.' }));

  test.each<[string, RequestListener, number, RegExp]>([
    ['a page', says(200, '<html>'), 1, /^HOST answered 200 with what this .* understand: it is no such JSON\.$/],
    ['another JSON', says(200, '{"items":[{"pair":3}],"nextCursor":null}'), 1, /understand: items\.0\.pair: /],
    ['no pair at all', says(200, '{"items":[],"nextCursor":null}'), 1, /understand: items: /],
    ['nothing', says(204, ''), 1, /understand: it is no such JSON/],
    ['more than is read', says(200, ' '.repeat(17 * 1_048_576)), 1, /^HOST answered more than is read/],
    [
      'another address',
      says(308, '', { location: 'https://elsewhere/' }),
      2,
      /leads elsewhere to https:\/\/elsewhere\//,
    ],
    ['no API', says(404, 'nginx'), 2, /^HOST: there is no API of Warren at this address/],
    ['the door of a proxy', says(401, 'nginx'), 2, /^HOST: the token is not accepted \(401\)\.$/],
    ['a proxy without a backend', says(502, 'nginx'), 1, /^HOST: what stands in front of it got no answer \(502\)/],
    ['a proxy out of patience', says(504, 'nginx'), 1, /no answer in time \(504\)\.$/],
    ['a teapot', says(418, ''), 1, /^HOST: no answer of Warren \(418\)\.$/],
    ['an error of Warren', problem(500, 'unexpected-error'), 1, /^HOST: It is so\.$/],
    ['what only a newer Warren refuses', problem(409, 'not-on-sundays'), 3, /^HOST: It is so\.$/],
    ['a function out of time', problem(503, 'out-of-time'), 1, /^HOST: It is so\.$/],
    [
      'control characters',
      says(404, JSON.stringify({ ...JSON.parse('{"type":"x","title":"","status":404}'), detail: 'a\u001b[2Jb\nc' })),
      2,
      /^HOST: ab c$/,
    ],
  ])('%s', async (_title, listener, exitCode, words) => {
    expect(await askedOf(listener)).toEqual({ exitCode, message: expect.stringMatching(words) });
  });

  test('a store that does not answer is told with the host', async () => {
    const { message } = await askedOf(problem(503, 'store-unavailable'));
    expect(message).toBe('HOST: It is so.');
  });

  test('what is no HTTP', async () => {
    const url = await listening(createServer((socket) => void socket.on('error', () => {}).end('220 smtp\r\n')));
    const { code, stderr } = await run(url, ['status']);
    expect({ code, stderr }).toEqual({ code: 1, stderr: `warren: ${hostOf(url)} answered what is no HTTP.\n` });
  });

  test('to a change leave open whether it was made', async () => {
    const { message } = await askedOf(says(200, '<html>'), true);
    expect(message).toContain('Whether it was done is not known: `warren audit`');
    expect((await askedOf(says(400, ''), true)).message).not.toContain('not known');
  });
});

describe('an answer that is lost', () => {
  /** In front of a server: passes requests on, and drops the first so many answers. */
  async function losing(url: string, answers: number) {
    const lost = { left: answers, connections: 0 };
    const proxy = createServer((client) => {
      lost.connections += 1;
      const upstream = connect(Number(new URL(url).port), '127.0.0.1');
      for (const socket of [client, upstream]) socket.on('error', () => {});
      client.pipe(upstream);
      upstream.on('data', (chunk) => {
        if (lost.left === 0) return void client.write(chunk);
        lost.left -= 1;
        upstream.destroy();
        client.resetAndDestroy();
      });
      upstream.on('close', () => client.destroy());
      client.on('close', () => upstream.destroy());
    });
    return { url: await listening(proxy), lost };
  }

  test.each([1, 2])(
    '%i times is asked for again under the same key: it is done once',
    async (times) => {
      const warren = await openWarren();
      const { url, lost } = await losing(warren.url, times);
      const words = ['drill', 'demo', '--reason', 'monthly', '--at', '+10m', '--json'];
      const { code, stdout, stderr } = await run(url, words);
      expect({ code, stderr, connections: lost.connections }).toEqual({ code: 0, stderr: '', connections: times + 1 });
      const { drill, version } = await warren.stored();
      expect(JSON.parse(stdout)).toMatchObject({ id: drill?.id, verb: 'drill' });
      expect(version).toBe(2);
      expect(await warren.acts()).toHaveLength(1);
    },
    20_000,
  );

  test('is told as it was: what ended then has ended', async () => {
    const warren = await openWarren({ record: { pause: { owner: 'bob', reason: 'x', untilMs: Date.now() + dayMs } } });
    const { url } = await losing(warren.url, 1);
    const { stdout } = await run(url, ['resume', 'demo', '--reason', 'done']);
    expect(stdout).toBe('demo is resumed, once fresh evidence is gathered.\n');
    expect((await warren.stored()).evidenceGeneration).toBe(1);
  }, 20_000);

  test('again and again is given up, and said to be open', async () => {
    const warren = await openWarren();
    const { url, lost } = await losing(warren.url, 9);
    const { code, stderr } = await run(url, ['pause', '--all', '--reason', 'x', '--for', '1h']);
    expect({ code, connections: lost.connections }).toEqual({ code: 1, connections: 3 });
    expect(stderr).toMatch(
      /broke the connection .* It was asked 3 times, under one key\. Whether it was done is not known/,
    );
    expect(await warren.acts('')).toHaveLength(1);
  }, 20_000);

  test('and then nothing listens any more leaves open whether it was done', async () => {
    const server = createServer((socket) => {
      socket.on('error', () => {});
      server.close();
      socket.on('data', () => socket.resetAndDestroy());
    });
    const url = await listening(server);
    const remote = createRemoteControl({ url, identity: byToken(async () => tokens.alice), timeoutMs: 1_000 });
    await expect(remote.retry(alice, 'demo', why())).rejects.toThrow(
      /nothing listens there\. It was asked 3 times, under one key\. Whether it was done is not known/,
    );
    await remote.close();
  });

  test('of what only reads is asked for once more', async () => {
    const warren = await openWarren();
    expect((await run((await losing(warren.url, 1)).url, ['readiness'])).code).toBe(0);
    const { url, lost } = await losing(warren.url, 9);
    const { code, stderr } = await run(url, ['readiness']);
    expect({ code, connections: lost.connections }).toEqual({ code: 1, connections: 2 });
    expect(stderr).toMatch(/broke the connection before it had answered \(\w+\)\.\n$/);
  }, 20_000);
});
