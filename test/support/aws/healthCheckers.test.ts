import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createHealthCheckers, type HealthCheck } from './healthCheckers.ts';

let server: Server;
let url: string;
let answer: { status: number; body: string };
let hosts: Set<string>;

beforeAll(async () => {
  server = createServer((request, response) => {
    hosts.add(`${request.headers.host}${request.url}`);
    response.writeHead(answer.status).end(answer.body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => new Promise((resolve) => server.close(resolve)));
beforeEach(() => {
  answer = { status: 200, body: 'on' };
  hosts = new Set();
});

const check: HealthCheck = {
  id: 'one',
  type: 'HTTPS_STR_MATCH',
  host: 'switch.s3.eu-west-1.amazonaws.com',
  path: '/trading',
  searchString: 'on',
  failureThreshold: 2,
  isInverted: false,
};

describe('a health check of an endpoint', () => {
  test('is healthy while it is new, and inverted unhealthy', () => {
    expect(createHealthCheckers([check], { url }).isHealthy('one')).toBe(true);
    expect(createHealthCheckers([{ ...check, isInverted: true }], { url }).isHealthy('one')).toBe(false);
  });

  test('changes after as many looks in a row as its threshold says, both ways', async () => {
    const checkers = createHealthCheckers([check], { url });
    const seen: boolean[] = [];
    for (const body of ['on', 'on', 'off', 'on', 'off', 'off', 'on', 'on']) {
      answer = { status: 200, body };
      await checkers.look();
      seen.push(checkers.isHealthy('one'));
    }
    expect(seen).toEqual([true, true, true, true, true, false, false, true]);
    expect(hosts).toEqual(new Set(['switch.s3.eu-west-1.amazonaws.com/trading']));
  });

  test.each([
    ['a status of 404', 404, 'on', false],
    ['a redirect with the string', 302, 'on', true],
    ['no string', 200, 'of', false],
    ['the string behind the first 5,120 bytes', 200, `${' '.repeat(5_119)}on`, false],
    ['the string at their end', 200, `${' '.repeat(5_118)}on`, true],
  ])('with %s: healthy is %s', async (_, status, body, expected) => {
    const checkers = createHealthCheckers([check], { url });
    answer = { status, body };
    await checkers.look(2);
    expect(checkers.isHealthy('one')).toBe(expected);
  });

  test.each([
    [2, false],
    [3, true],
  ])('that %i of 16 checkers reach is healthy: %s, because it takes more than 18 %%', async (reaching, expected) => {
    const checkers = createHealthCheckers([check], { url, reaches: (checker) => checker < reaching });
    await checkers.look(2);
    expect(checkers.isHealthy('one')).toBe(expected);
  });
});

test('a calculated check counts its healthy children, and is inverted afterwards', async () => {
  const child = (id: string, searchString: string): HealthCheck => ({ ...check, id, searchString });
  const of = (isInverted: boolean): HealthCheck => {
    return { id: 'all', type: 'CALCULATED', children: ['a', 'b', 'c'], healthThreshold: 2, isInverted };
  };
  for (const [strings, expected] of [
    [['on', 'on', 'off'], true],
    [['on', 'off', 'off'], false],
  ] as const) {
    const children = ['a', 'b', 'c'].map((id, index) => child(id, strings[index] ?? ''));
    for (const isInverted of [false, true]) {
      const checkers = createHealthCheckers([...children, of(isInverted)], { url });
      await checkers.look(2);
      expect(checkers.isHealthy('all')).toBe(expected !== isInverted);
    }
  }
});
