import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { createVirtualClock } from '../../../adapters/memory/clock.ts';
import { createHooks } from '../../../adapters/notify/hooks.ts';
import { signature } from '../../../adapters/notify/post.ts';
import type { Operation } from '../../../core/model/operation.ts';

interface Received {
  path: string | undefined;
  text: string;
  signature: string | undefined;
}

let server: Server;
let received: Received[];
/** What the hook answers next, one each; 204 when there is none left. */
let answers: RequestListener[];
let arrived: () => void;

beforeEach(async () => {
  received = [];
  answers = [];
  arrived = () => {};
  server = createServer(async (request, response) => {
    const { url: path, headers } = request;
    received.push({ path, text: await text(request), signature: headers['warren-signature'] as string | undefined });
    const answer = answers.shift() ?? respond(204);
    answer(request, response);
    arrived();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const respond =
  (status: number, body: unknown = '', headers: Record<string, string> = {}): RequestListener =>
  (_, response) =>
    response.writeHead(status, headers).end(typeof body === 'string' ? body : JSON.stringify(body));
const drop: RequestListener = (request) => request.socket.destroy();
const hang: RequestListener = () => {};

/** Resolves when the hook has had so many requests. */
async function requests(count: number): Promise<void> {
  while (received.length < count)
    await new Promise<void>((resolve) => {
      arrived = resolve;
    });
}

const operation = { id: 'one', pair: 'trading', verb: 'failover', epoch: 7, from: 'beijing' } as unknown as Operation;
const url = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks/T0-token?key=query-token`;

function hooksFor(texts: Record<string, string> = {}, timeoutMs = 3_000) {
  const clock = createVirtualClock();
  const hook = { url: 'env:URL', secret: 'env:SECRET', timeoutMs, whenSilent: 'proceed' as const };
  const resolve = async (reference: string) => {
    const found = { 'env:URL': url(), 'env:SECRET': 'shared-secret', ...texts }[reference];
    if (!found) throw new Error(`${reference}: this environment variable is not set`);
    return found;
  };
  const { before, after } = createHooks({ config: { before: hook, after: hook }, resolve, clock, random: () => 0.5 });
  if (!before || !after) throw new Error('there is no hook');
  return { clock, askBefore: () => before(operation), tellAfter: () => after(operation) };
}

test('a pair without hooks asks nobody', () => {
  const resolve = async () => '';
  const hooks = createHooks({ config: {}, resolve, clock: createVirtualClock(), random: () => 0.5 });
  expect(hooks).toEqual({ before: null, after: null });
});

describe('the hook before the point of no return', () => {
  test('is sent the operation and the question, signed', async () => {
    const { askBefore, clock } = hooksFor();
    expect(await askBefore()).toEqual({ answer: 'proceed', detail: 'answered 204' });
    const [{ path, text: body, signature: signed } = { path: '', text: '', signature: '' }] = received;
    expect(path).toBe('/hooks/T0-token?key=query-token');
    expect(JSON.parse(body)).toEqual({ operation, question: 'may-commit' });
    expect(signed).toBe(signature('shared-secret', body, clock.nowMs()));
  });

  const meanings: [string, RequestListener, string, string][] = [
    ['an answer without words proceeds', respond(200, ''), 'proceed', 'answered 200'],
    [
      'any other page is no yes: it may be that of a portal in between',
      respond(200, 'OK'),
      'silent',
      'answered 200 with a text that is no JSON object',
    ],
    ['a yes in JSON proceeds', respond(201, { answer: 'proceed', detail: 'go' }), 'proceed', 'go'],
    ['a no in JSON refuses', respond(200, { answer: 'refuse', detail: 'freeze' }), 'refuse', 'freeze'],
    ['409 refuses with its detail', respond(409, { detail: 'month-end', reason: 'x' }), 'refuse', 'month-end'],
    ['403 refuses with its reason', respond(403, { reason: 'month-end' }), 'refuse', 'month-end'],
    ['409 refuses with its text', respond(409, 'not\n\u0007 today'), 'refuse', 'not today'],
    ['409 refuses without a word', respond(409), 'refuse', 'answered 409'],
    ['a long no is shortened', respond(409, 'x'.repeat(5_000)), 'refuse', `${'x'.repeat(199)}…`],
    ['a no longer than can be read refuses', respond(403, 'x'.repeat(50_000)), 'refuse', 'answered 403'],
    ['a yes longer than can be read is none', respond(200, 'x'.repeat(50_000)), 'silent', 'an unreadable text'],
    ['an answer of its own is none', respond(200, { answer: 'perhaps' }), 'silent', 'neither "proceed" nor "refuse"'],
    ['404 is no answer', respond(404, { answer: 'refuse' }), 'silent', 'answered 404'],
    ['503 is no answer, and not asked again', respond(503), 'silent', 'answered 503'],
    ['a redirect is no answer, and not followed', respond(307, '', { location: '/' }), 'silent', 'answered 307'],
    [
      'what is not HTTP is no answer',
      (request) => request.socket.end('hello\r\n\r\n'),
      'silent',
      'what came is not HTTP',
    ],
  ];
  test.each(meanings)('%s', async (_, answer, meaning, detail) => {
    answers = [answer];
    const { askBefore } = hooksFor();
    expect(await askBefore()).toEqual({ answer: meaning, detail: expect.stringContaining(detail) });
    expect(received).toHaveLength(1);
  });

  test('is asked once more, at once, when the connection failed', async () => {
    answers = [drop, respond(409, 'no')];
    expect(await hooksFor().askBefore()).toEqual({ answer: 'refuse', detail: 'no' });
    expect(received).toHaveLength(2);
  });

  test('is silent when the connection fails again', async () => {
    answers = [drop, drop];
    expect(await hooksFor().askBefore()).toEqual({ answer: 'silent', detail: expect.stringMatching(/^no answer \(/) });
    expect(received).toHaveLength(2);
  });

  const slow: [string, RequestListener][] = [
    ['nothing', hang],
    ['a status', (_, response) => response.writeHead(200).flushHeaders()],
    ['half an answer', (_, response) => void response.writeHead(200).write('{"answer":')],
  ];
  test.each(slow)('is silent when all that comes in time is %s', async (_, answer) => {
    answers = [answer];
    const { askBefore, clock } = hooksFor();
    const answered = askBefore();
    await requests(1);
    await clock.advance(3_000);
    expect(await answered).toMatchObject({ answer: 'silent' });
    expect(received).toHaveLength(1);
  });

  test('refuses when its text does not end in time: the status has said it', async () => {
    answers = [(_, response) => void response.writeHead(409).write('because')];
    const fetching = jest.spyOn(globalThis, 'fetch');
    const { askBefore, clock } = hooksFor();
    const answered = askBefore();
    await requests(1);
    await fetching.mock.results[0]?.value;
    fetching.mockRestore();
    await clock.advance(3_000);
    expect(await answered).toEqual({ answer: 'refuse', detail: 'answered 409' });
  });

  test('is silent when its secrets are not there, or its URL is none, and does not quote that', async () => {
    const missing = await hooksFor({ 'env:SECRET': '' }).askBefore();
    expect(missing).toEqual({ answer: 'silent', detail: 'env:SECRET: this environment variable is not set' });
    const unusable = await hooksFor({ 'env:URL': 'not a URL but secret' }).askBefore();
    expect(unusable).toEqual({ answer: 'silent', detail: 'no answer (the URL is not usable)' });
  });

  test('is not quoted where it repeats its URL or the secret', async () => {
    answers = [respond(409, `${url()} said shared-secret, T0-token and query-token`)];
    expect((await hooksFor().askBefore()).detail).toBe('(hidden) said (hidden), (hidden) and (hidden)');
  });
});

describe('the hook after the end', () => {
  /** Lets the pause of this length pass, once it has begun. */
  async function passPause(clock: ReturnType<typeof createVirtualClock>, pauseMs: number): Promise<void> {
    while (clock.nextDueInMs() !== pauseMs) await clock.settle();
    await clock.advance(pauseMs);
  }

  test('is told again until it answers', async () => {
    // The second attempt is two requests: a connection that failed is tried once more at once.
    answers = [respond(503), drop, drop, respond(200, '{"detail":"noted"}')];
    const { tellAfter, clock } = hooksFor();
    const answered = tellAfter();
    await passPause(clock, 500);
    await passPause(clock, 1_000);
    expect(await answered).toEqual({ answer: 'proceed', detail: 'noted' });
    expect(received.map(({ text: body }) => JSON.parse(body).question)).toEqual(Array(4).fill('has-ended'));
  });

  test('is told four times at most, and its last answer is given', async () => {
    answers = [respond(500), respond(500), respond(500), respond(502), respond(200)];
    const { tellAfter, clock } = hooksFor();
    const answered = tellAfter();
    for (const pauseMs of [500, 1_000, 2_000]) await passPause(clock, pauseMs);
    expect(await answered).toEqual({ answer: 'silent', detail: 'answered 502' });
    expect(received).toHaveLength(4);
  });

  test('is not waited for longer than ten seconds in all, however patient its configuration is', async () => {
    answers = [respond(500), hang];
    const { tellAfter, clock } = hooksFor({}, 3_600_000);
    const answered = tellAfter();
    await passPause(clock, 500);
    await requests(2);
    expect(clock.nextDueInMs()).toBe(9_500);
    await clock.advance(9_500);
    expect(await answered).toEqual({ answer: 'silent', detail: 'no answer in time' });
    expect(received).toHaveLength(2);
  });
});
