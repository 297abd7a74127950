import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { problem } from '../../../lambdas/api/answers.ts';
import { routes } from '../../../lambdas/api/routes.ts';
import { anyBody } from './arbitrary.ts';
import { createRig, environmentOf, tokens } from './support.ts';

const methods = fc.constantFrom('GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'QUERY', 'x');
const bodies: Record<string, string> = {
  startOperation: '{"verb":"drill","reason":"x"}',
  pausePair: '{"reason":"x","for":"1h"}',
};

/** A route with names in it that a configuration may have, or nobody would give. */
const segment = fc.oneof(
  fc.constantFrom(
    'trading',
    'beijing',
    'trading-2',
    '__proto__',
    'constructor',
    '%',
    '%00',
    '%2e%2e',
    '..',
    '%F0%9F%90%87',
  ),
  fc.string({ maxLength: 200 }).map(encodeURIComponent),
);
/** Mostly a method and a path that go together. */
const asked = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .tuple(
        fc.constantFrom(...routes),
        segment,
        segment,
        fc.oneof({ weight: 5, arbitrary: fc.constant(null) }, methods),
      )
      .map(([route, first, second, method]) => ({
        method: method === null ? route.method : method,
        path: route.path.replace(/\{\w+\}/, () => first).replace(/\{\w+\}/, () => second),
      })),
  },
  fc.record({ method: methods, path: fc.webPath() }),
);
const queries = fc.array(
  fc.tuple(
    fc.constantFrom('from', 'to', 'limit', 'cursor', 'resolution', 'reason', 'dryRun', '__proto__', '%', 'x'),
    fc.oneof(
      fc.constantFrom(
        '',
        '1',
        '30m',
        '0s',
        '99999999999d',
        '2026-01-01T00:00:00Z',
        '9999-12-31T23:59:59Z',
        'true',
        '-1',
        '%',
      ),
      fc.string({ maxLength: 40 }).map(encodeURIComponent),
    ),
  ),
  { maxLength: 4 },
);
const headerValue = fc.string({ maxLength: 60 }).map((text) => text.replaceAll(/[^\x20-\x7e]/g, '~'));
const known = fc.constantFrom(...Object.values(tokens).map((token) => `Bearer ${token}`));
const headers = fc.record(
  {
    authorization: fc.oneof({ weight: 5, arbitrary: known }, headerValue),
    'content-type': fc.oneof({ weight: 3, arbitrary: fc.constant('application/json') }, headerValue),
    'content-length': fc.oneof(fc.nat().map(String), headerValue),
    'idempotency-key': headerValue,
    'if-none-match': headerValue,
    origin: headerValue,
  },
  { requiredKeys: ['authorization', 'content-type'] },
);

function requestOf(method: string, path: string, query: string, given: Record<string, string>, text: string): Request {
  const mayHaveBody = method !== 'GET' && method !== 'HEAD' && text !== '';
  const init = { method, headers: given, ...(mayHaveBody && { body: text }) };
  return new Request(`http://warren${path.startsWith('/') ? path : `/${path}`}${query}`, init);
}

/** Fails with what is wrong with an answer. */
async function judge(response: Response): Promise<void> {
  const text = await response.text();
  const isReadiness = text.includes('"protected"');
  if (response.status >= 500 && !isReadiness) throw new Error(`answered ${response.status}: ${text}`);
  if (response.status < 400 || text === '') return;
  expect(response.headers.get('content-type')).toBe('application/problem+json');
  const document = problem.strict().parse(JSON.parse(text));
  expect(document.status).toBe(response.status);
  expect(document.instance).toBe(`urn:warren:request:${response.headers.get('x-request-id')}`);
  for (const token of Object.values(tokens)) expect(text).not.toContain(token);
}

const generous = { readsPerToken: 1e9, changesPerToken: 1e9, strangersPerAddress: 1e9 };

describe('no request', () => {
  test('whatever it is, is answered with an error of the server, or with anything but a problem that says what is wrong', async () => {
    const rig = createRig({ limits: generous });
    await fc.assert(
      fc.asyncProperty(asked, queries, headers, anyBody, async ({ method, path }, query, given, text) => {
        const search = query.map(([key, value]) => `${key}=${value}`).join('&');
        const request = requestOf(method, path, search === '' ? '' : `?${search}`, given, text);
        await judge(await rig.api.fetch(request, environmentOf('10.0.0.1')));
      }),
      { numRuns: 1_500 },
    );
    expect(rig.told).toEqual([]);
  }, 60_000);

  test('of an admin is passed on with anything but moments that are numbers and a reason that is text', async () => {
    const rig = createRig({ limits: generous });
    const changing = fc.constantFrom(...routes.filter(({ method }) => method !== 'GET'));
    await fc.assert(
      fc.asyncProperty(changing, anyBody, async ({ id, method, path }, text) => {
        const names = path.replace('{pair}', 'trading').replace('{site}', 'beijing').replace('{id}', 'trading-2');
        const given = { authorization: `Bearer ${tokens.admin}`, 'content-type': 'application/json' };
        await judge(await rig.api.fetch(requestOf(method, names, '', given, bodies[id] ?? text), environmentOf('::1')));
      }),
      { numRuns: 1_000 },
    );
    for (const { method, given } of rig.control.calls) {
      if (method === 'operation') continue;
      const wish = given.at(-1) as Record<string, unknown>;
      expect(typeof wish.reason).toBe('string');
      for (const key of ['untilMs', 'atMs', 'holdMs'] as const)
        if (wish[key] !== undefined && wish[key] !== null) expect(Number.isSafeInteger(wish[key])).toBe(true);
    }
  }, 60_000);
});
