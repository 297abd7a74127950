import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import * as answers from '../../../lambdas/api/answers.ts';
import { apiDocument } from '../../../lambdas/api/openapi.ts';
import { createRig } from './support.ts';

interface Document {
  openapi: string;
  paths: Record<string, Record<string, { operationId: string; responses: Record<string, unknown> }>>;
}
const document = apiDocument() as Document;
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), ...operation })),
);

describe('the OpenAPI document', () => {
  test('has every route of the application, and no other', () => {
    const served = createRig()
      .api.routes.filter(({ method }) => method !== 'ALL')
      .map(({ method, path }) => `${method} ${path.replaceAll(/:(\w+)/g, '{$1}')}`);
    expect(served.sort()).toEqual(operations.map(({ method, path }) => `${method} ${path}`).sort());
  });

  test('names each operation once', () => {
    const ids = operations.map(({ operationId }) => operationId);
    expect(new Set(ids).size).toBe(ids.length);
  });

  test('refers to nothing that it does not have', () => {
    const text = JSON.stringify(document);
    for (const [, pointer = ''] of text.matchAll(/"\$ref":"#\/([^"]+)"/g)) {
      const found = pointer.split('/').reduce<unknown>((at, key) => (at as Record<string, unknown>)?.[key], document);
      expect({ pointer, found: typeof found }).toEqual({ pointer, found: 'object' });
    }
  });

  test('is served to anybody as it is checked in, and may be kept for a while', async () => {
    const answer = await createRig().ask('GET', '/openapi.json', { token: null });
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual(JSON.parse(JSON.stringify(document)));
    expect(answer.headers.get('cache-control')).toBe('public, max-age=300');
  });

  test('costs nothing while requests are answered: no handler imports what makes it', () => {
    const seen = new Set<string>();
    const visit = (url: URL) => {
      if (seen.has(url.href)) return;
      seen.add(url.href);
      const text = readFileSync(url, 'utf8');
      expect({ url: url.pathname, imports: /from 'zod-openapi'/.test(text) }).toEqual({
        url: url.pathname,
        imports: false,
      });
      for (const [, path = ''] of text.matchAll(/^(?:import|\} from|export) ?[^;]*?'(\.[^']+)'/gm))
        visit(new URL(path, url));
    };
    for (const entry of ['handler', 'local']) visit(new URL(`../../../lambdas/api/${entry}.ts`, import.meta.url));
    expect(seen.size).toBeGreaterThan(20);
  });

  test('describes what is answered', async () => {
    const { ask } = createRig();
    const read = async (path: string) => (await ask('GET', path)).body;
    const change = async (path: string, body: unknown) => (await ask('POST', path, { body })).body;
    answers.pageOf(answers.pairStatus).parse(await read('/v1/pairs'));
    answers.pairStatus.parse(await read('/v1/pairs/trading'));
    answers.readiness.parse(await read('/v1/pairs/trading/readiness'));
    answers.pageOf(answers.healthSlice).parse(await read('/v1/pairs/trading/health'));
    answers.pageOf(answers.operationSchema).parse(await read('/v1/pairs/trading/flips'));
    answers.pageOf(answers.transition).parse(await read('/v1/pairs/trading/transitions'));
    answers.pageOf(answers.decisionRow).parse(await read('/v1/pairs/trading/decisions'));
    answers.pageOf(answers.act).parse(await read('/v1/acts'));
    answers.operationState.parse(await read('/v1/operations/trading-3'));
    answers.operationState.parse(await read('/v1/operations/trading-2'));
    const wanted = { verb: 'switchover', reason: 'x' };
    answers.rehearsal.parse(await change('/v1/pairs/trading/operations', { ...wanted, dryRun: true }));
    answers.accepted.parse(await change('/v1/pairs/trading/operations', wanted));
    answers.answer.parse(await change('/v1/pairs/trading/ack', { reason: 'x' }));
  });
});
