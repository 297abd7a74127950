import { createServer, request as httpRequest } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { networkInterfaces } from 'node:os';
import { afterEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type Served, type ServeOptions, serve } from '../../../lambdas/shared/serve.ts';
import { createRig, type Rig, tokens } from '../api/support.ts';

let ending = new AbortController();
let served: Served | undefined;
afterEach(async () => {
  ending.abort();
  await served?.close();
  served = undefined;
  ending = new AbortController();
});

async function start(rig: Rig = createRig(), limits: ServeOptions['limits'] = {}): Promise<{ url: string; rig: Rig }> {
  const options = { listen: '127.0.0.1:0', signal: ending.signal, limits };
  served = await serve({ ...options, fetch: (request, environment) => rig.api.fetch(request, environment) });
  return { url: served.url, rig };
}

const head = (lines: string[]) =>
  `${['POST /v1/pairs/trading/ack HTTP/1.1', 'Host: x', ...lines].join('\r\n')}\r\n\r\n`;
const authorization = `Authorization: Bearer ${tokens.admin}`;
const json = 'Content-Type: application/json';

/** A connection on which anything can be written; what comes back is gathered until it is closed. */
function open(url: string): {
  socket: Socket;
  gathered: () => string;
  untilText: (part: string) => Promise<void>;
  closed: Promise<string>;
} {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname).setEncoding('latin1');
  let text = '';
  let look = () => {};
  socket.on('data', (chunk) => {
    text += chunk;
    look();
  });
  socket.on('error', () => {});
  const closed = new Promise<string>((resolve) => socket.on('close', () => resolve(text)));
  const untilText = (part: string) =>
    new Promise<void>((resolve) => {
      look = () => {
        if (text.includes(part)) resolve();
      };
      look();
    });
  return { socket, gathered: () => text, untilText, closed };
}

describe('over a real connection', () => {
  test('a pair is read, and the caller is known by its address', async () => {
    const { url, rig } = await start();
    const headers = { authorization: `Bearer ${tokens.admin}`, 'content-type': 'application/json' };
    const read = await fetch(`${url}/v1/pairs/trading`, { headers });
    expect({ status: read.status, body: await read.json() }).toMatchObject({ status: 200, body: { pair: 'trading' } });
    const body = JSON.stringify({ reason: 'patching' });
    const changed = await fetch(`${url}/v1/pairs/trading/ack`, { method: 'POST', headers, body });
    expect({ status: changed.status, body: await changed.json() }).toMatchObject({
      status: 200,
      body: { changed: true },
    });
    expect(rig.control.calls[1]?.given[0]).toEqual({ who: 'adminer', via: 'api', from: '127.0.0.1' });
  });

  test('a body that arrives in pieces is read', async () => {
    const { url } = await start();
    const { socket, untilText } = open(url);
    socket.write(head([authorization, json, 'Content-Length: 18']));
    for (const piece of ['{"reason"', ': "slow', '"}']) {
      socket.write(piece);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await untilText('"sentence":"Done."');
    socket.destroy();
  });

  test('a body that does not arrive costs a few seconds at most, and is told so', async () => {
    const { url, rig } = await start(createRig(), { requestTimeoutMs: 300, headersTimeoutMs: 200 });
    const { socket, closed } = open(url);
    socket.write(`${head([authorization, json, 'Content-Length: 100'])}{"reason"`);
    const text = await closed;
    expect(text).toMatch(/^HTTP\/1\.1 408 /);
    expect(text).toContain('urn:warren:problem:request-timeout');
    expect(rig.control.calls).toEqual([]);
    expect(rig.told).toEqual([]);
  });

  test('a body that is huge is refused before it is over', async () => {
    const { url } = await start();
    const { socket, closed } = open(url);
    socket.write(head([authorization, json, 'Transfer-Encoding: chunked']));
    const chunk = `${(1_024).toString(16)}\r\n${'x'.repeat(1_024)}\r\n`;
    const pump = setInterval(() => socket.writable && socket.write(chunk.repeat(16)), 1);
    const text = await closed;
    clearInterval(pump);
    expect(text).toMatch(/^HTTP\/1\.1 413 /);
    expect(text).toContain('urn:warren:problem:content-too-large');
  });

  test('a client that goes away in the middle leaves nothing behind', async () => {
    const { url, rig } = await start();
    let reached = () => {};
    const isReached = new Promise<void>((resolve) => {
      reached = resolve;
    });
    let answer = () => {};
    rig.control.status = () =>
      new Promise((resolve) => {
        reached();
        answer = () => resolve([]);
      });
    const { socket, closed } = open(url);
    socket.write(`GET /v1/pairs HTTP/1.1\r\nHost: x\r\n${authorization}\r\n\r\n`);
    await isReached;
    socket.destroy();
    await closed;
    answer();
    expect((await fetch(`${url}/v1/health`)).status).toBe(200);
    expect(rig.told).toEqual([]);
  });

  test.each([
    ['what is no HTTP', 'hello\r\n\r\n', 400],
    ['an old version without a host', 'GET /v1/health HTTP/1.0\r\n\r\n', 200],
    ['a new version without a host', 'GET /v1/health HTTP/1.1\r\n\r\n', 400],
    ['a host that is none', 'GET /v1/health HTTP/1.1\r\nHost: a b/c\r\nConnection: close\r\n\r\n', 400],
    ['an address that is none', 'GET http://[ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n', 400],
    ['the address of another host', 'GET http://else/v1/health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n', 200],
    ['a method that repeats', 'TRACE /v1/health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n', 405],
    ['long headers', `GET /v1/health HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`, 431],
    ['two lengths', head(['Content-Length: 1', 'Content-Length: 2', 'Connection: close']), 400],
  ])('%s is answered', async (_, text, status) => {
    const { url, rig } = await start();
    const { socket, closed } = open(url);
    socket.write(text);
    const answer = await closed;
    expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    if (status >= 400 && !text.startsWith('GET /v1/health HTTP/1.1\r\n\r\n'))
      expect(answer).toContain('application/problem+json');
    expect(rig.told).toEqual([]);
  });

  test('no bytes are answered with an error of the server', async () => {
    const { url } = await start(createRig(), { headersTimeoutMs: 300, requestTimeoutMs: 300, keepAliveTimeoutMs: 100 });
    const line = fc.oneof(
      fc.constantFrom(
        'GET / HTTP/1.1',
        'POST /v1/pause HTTP/1.1',
        'Host: x',
        json,
        authorization,
        '',
        'Expect: 100-continue',
      ),
      fc.constantFrom(
        'Connection: upgrade',
        'Upgrade: websocket',
        'Transfer-Encoding: chunked',
        'Content-Length: 5',
        '5',
      ),
      fc.string({ unit: 'binary', maxLength: 30 }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(line, { maxLength: 8 }), async (lines) => {
        const { socket, closed } = open(url);
        socket.end(`${lines.join('\r\n')}\r\n\r\n`);
        expect(await closed).not.toMatch(/^HTTP\/1\.1 5/m);
      }),
      { numRuns: 200 },
    );
    expect((await fetch(`${url}/v1/health`)).status).toBe(200);
  }, 60_000);
});

describe('when the service ends', () => {
  test('connections that are kept alive are closed, and new ones are refused', async () => {
    const { url } = await start();
    const { socket, untilText, closed } = open(url);
    socket.write('GET /v1/health HTTP/1.1\r\nHost: x\r\n\r\n');
    await untilText('"ok"');
    const askedAtMs = performance.now();
    ending.abort();
    await closed;
    await served?.close();
    expect(performance.now() - askedAtMs).toBeLessThan(1_000);
    await expect(fetch(`${url}/v1/health`)).rejects.toThrow();
  });

  test('what is being answered is answered', async () => {
    const { url, rig } = await start();
    let reached = () => {};
    const isReached = new Promise<void>((resolve) => {
      reached = resolve;
    });
    const { status } = rig.control;
    let goOn = () => {};
    rig.control.status = async (pair) => {
      reached();
      await new Promise<void>((resolve) => {
        goOn = resolve;
      });
      return await status(pair);
    };
    const asked = fetch(`${url}/v1/pairs`, { headers: { authorization: `Bearer ${tokens.read}` } });
    await isReached;
    ending.abort();
    goOn();
    expect((await asked).status).toBe(200);
    await served?.close();
  });

  test('what never ends is cut off', async () => {
    const { url, rig } = await start(createRig(), { farewellMs: 100 });
    let reached = () => {};
    const isReached = new Promise<void>((resolve) => {
      reached = resolve;
    });
    rig.control.status = () => {
      reached();
      return new Promise(() => {});
    };
    const { socket, closed } = open(url);
    socket.write(`GET /v1/pairs HTTP/1.1\r\nHost: x\r\n${authorization}\r\n\r\n`);
    await isReached;
    ending.abort();
    expect(await closed).toBe('');
    await served?.close();
  });
});

describe('an address', () => {
  const fetchNothing = () => new Response();
  const attempt = (listen: string) => serve({ listen, signal: ending.signal, fetch: fetchNothing });

  test('that is taken is named, with where it is configured', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => other.once('listening', resolve));
    const { port } = other.address() as AddressInfo;
    await expect(attempt(`127.0.0.1:${port}`)).rejects.toThrow(
      `api.listen: cannot listen on 127.0.0.1:${port}: another process listens there already.`,
    );
    other.close();
  });

  test('that is not of this machine, or none at all, is named', async () => {
    await expect(attempt('192.0.2.1:8672')).rejects.toThrow(
      'api.listen: cannot listen on 192.0.2.1:8672: this machine has no such address.',
    );
    await expect(attempt('127.0.0.1:70000')).rejects.toThrow(
      'api.listen: got "127.0.0.1:70000", expected HOST:PORT with a port up to 65535.',
    );
  });

  const hasIpv6 = Object.values(networkInterfaces()).some((all) => all?.some(({ address }) => address === '::1'));
  (hasIpv6 ? test : test.skip)('may be one of IPv6', async () => {
    served = await attempt('[::1]:0');
    expect(served.url).toMatch(/^http:\/\/\[::1\]:\d+$/);
    const status = await new Promise((resolve, reject) => {
      httpRequest(served?.url ?? '', (response) => resolve(response.resume().statusCode))
        .on('error', reject)
        .end();
    });
    expect(status).toBe(200);
  });
});
