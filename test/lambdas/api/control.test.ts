import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Control } from '../../../core/flow/control/control.ts';
import { createControl } from '../../../core/flow/control/local.ts';
import { StoreUnavailable } from '../../../core/flow/ports.ts';
import * as answers from '../../../lambdas/api/answers.ts';
import { routes } from '../../../lambdas/api/routes.ts';
import { createWorld, type World } from '../../support/world.ts';
import { anyBody } from './arbitrary.ts';
import { createRig, type Rig } from './support.ts';

let world: World;
let service: ReturnType<World['start']>;
let rig: Rig;
let control: Control;

/** The API over the real Control, and a service that watches the pair: what is asked for is done. */
beforeEach(async () => {
  world = createWorld({ fence: true });
  const { config, clock, target, fencer } = world;
  let ids = 0;
  control = createControl({
    pairs: config.pairs,
    fleet: config.fleet,
    store: world.store,
    clock,
    targetsOf: () => [target],
    fencer: () => fencer,
    newId: () => {
      ids += 1;
      return `id-${ids}`;
    },
    fingerprint: (text) => createHash('sha256').update(text).digest('hex'),
    killSwitch: () => false,
  });
  rig = createRig({ control, clock });
  service = world.start();
  await clock.advance(60_000);
});
afterEach(() => service.stop());

const generous = { readsPerToken: 1e9, changesPerToken: 1e9, strangersPerAddress: 1e9 };
const patching = { reason: 'patching beijing' };

describe('whatever is sent', () => {
  test('is never answered with an error of the server, nor does it end the service', async () => {
    const sites = { pair: 'demo', site: 'beijing', id: 'demo-1' };
    const fill = (path: string) => path.replaceAll(/\{(\w+)\}/g, (_, name: keyof typeof sites) => sites[name]);
    const changing = fc.constantFrom(...routes.filter(({ method }) => method !== 'GET'));
    rig = createRig({ control, clock: world.clock, limits: generous });
    await fc.assert(
      fc.asyncProperty(changing, anyBody, fc.option(fc.constantFrom('one', 'two')), async (route, body, key) => {
        const headers = key === null ? {} : { 'idempotency-key': key };
        const { status, body: answer } = await rig.ask(route.method, fill(route.path), { body, headers });
        if (status >= 500) throw new Error(JSON.stringify(answer));
        await world.clock.advance(100);
      }),
      { numRuns: 300 },
    );
    expect(rig.told).toEqual([]);
  }, 60_000);
});

describe('a person with a token and curl', () => {
  test('reads where a pair stands, as it is documented', async () => {
    answers.pairStatus.parse((await rig.ask('GET', '/v1/pairs/demo')).body);
    expect(await rig.ask('GET', '/v1/pairs/demo/readiness')).toMatchObject({ status: 200, body: { protected: true } });
    const { body } = await rig.ask('GET', '/v1/pairs/demo/health?from=1h');
    answers.pageOf(answers.healthSlice).parse(body);
    expect((await rig.ask('GET', '/v1/pairs/nowhere')).status).toBe(404);
  });

  test('rehearses a switchover, asks for it, follows it to its end, and finds it in the history', async () => {
    const path = '/v1/pairs/demo/operations';
    const wanted = { ...patching, verb: 'switchover' };
    const rehearsed = await rig.ask('POST', path, { body: { ...wanted, dryRun: true } });
    expect(answers.rehearsal.parse(rehearsed.body)).toMatchObject({ allowed: true, to: 'shanghai' });
    const headers = { 'idempotency-key': 'one' };
    const accepted = await rig.ask('POST', path, { body: wanted, headers });
    expect(accepted.status).toBe(202);
    expect((await rig.ask('POST', path, { body: wanted, headers })).body).toEqual(accepted.body);
    await world.clock.advance(60_000);
    const followed = await rig.ask('GET', accepted.headers.get('location') ?? '');
    expect(answers.operationState.parse(followed.body)).toMatchObject({
      state: 'ended',
      operation: { phase: 'finished', startedBy: { who: 'adminer' } },
    });
    const flips = await rig.ask('GET', '/v1/pairs/demo/flips');
    expect(answers.pageOf(answers.operationSchema).parse(flips.body).items).toHaveLength(1);
    expect(await rig.ask('GET', '/v1/pairs/demo')).toMatchObject({ body: { active: 'shanghai' } });
  });

  test('is in the audit by the name of the token and the address', async () => {
    await rig.ask('PUT', '/v1/pairs/demo/pause', { body: { ...patching, for: '1h' }, from: '10.1.2.3' });
    const { body } = await rig.ask('GET', '/v1/pairs/demo/acts');
    expect(answers.pageOf(answers.act).parse(body).items).toMatchObject([
      { who: 'adminer', via: 'api', from: '10.1.2.3', verb: 'pause', reason: 'patching beijing', outcome: 'done' },
    ]);
  });

  test('may repeat a pause under its key, and not use the key for something else', async () => {
    const headers = { 'idempotency-key': 'two' };
    const path = '/v1/pairs/demo/pause';
    const first = await rig.ask('PUT', path, { body: { ...patching, for: '1h' }, headers });
    await world.clock.advance(5_000);
    const again = await rig.ask('PUT', path, { body: { ...patching, for: '1h' }, headers });
    expect([first.status, again.status, again.body]).toEqual([200, 200, first.body]);
    expect(await rig.ask('PUT', path, { body: { ...patching, for: '2h' }, headers })).toMatchObject({
      status: 422,
      body: { type: 'urn:warren:problem:idempotency-key-reused' },
    });
  });

  test('reads decisions page by page, each once', async () => {
    const seen: unknown[] = [];
    let next: string | undefined = '/v1/pairs/demo/decisions?limit=1';
    while (next !== undefined) {
      const { body, headers } = await rig.ask('GET', next);
      seen.push(...answers.pageOf(answers.decisionRow).parse(body).items);
      next = headers.get('link')?.match(/<(.*)>/)?.[1];
    }
    const { body } = await rig.ask('GET', '/v1/pairs/demo/decisions');
    expect(seen).toEqual(body.items);
  });

  test.each([
    ['POST', '/v1/pairs/demo/retry', patching, 409, 'nothing-stalled'],
    ['POST', '/v1/pairs/demo/approve', patching, 409, 'nothing-to-approve'],
    ['POST', '/v1/pairs/demo/ack', { reason: ' ' }, 400, 'empty-reason'],
    ['POST', '/v1/operations/demo-nothing/cancel', patching, 404, 'unknown-operation'],
    ['PUT', '/v1/pairs/demo/pause', { ...patching, for: '73h' }, 400, 'bad-time'],
    ['PUT', '/v1/pairs/demo/sites/tokyo/maintenance', { ...patching, for: '1h' }, 404, 'unknown-site'],
    ['POST', '/v1/pairs/demo/operations', { ...patching, verb: 'failover', overrides: ['luck'] }, 400, 'unknown-guard'],
    ['POST', '/v1/pairs/demo/operations', { ...patching, verb: 'switchover', to: 'beijing' }, 409, 'already-active'],
    ['POST', '/v1/pairs/demo/operations', { ...patching, verb: 'failover', at: '1h' }, 400, 'bad-request'],
  ])('is told by %s %s %j why not', async (method, path, body, status, name) => {
    const answer = await rig.ask(method, path, { body });
    expect(answer).toMatchObject({ status, body: { type: `urn:warren:problem:${name}` } });
    expect(answer.body.detail).toMatch(/[.?]$/);
  });

  test('is told of a cursor that no page gave', async () => {
    expect(await rig.ask('GET', '/v1/pairs/demo/acts?cursor=abc')).toMatchObject({
      status: 400,
      body: { type: 'urn:warren:problem:bad-cursor' },
    });
  });

  test('is told to come again while the store does not answer', async () => {
    world.store.failNext('readPair', new StoreUnavailable('disk I/O error'));
    expect(await rig.ask('GET', '/v1/pairs/demo')).toMatchObject({ status: 503 });
    expect(await rig.ask('GET', '/v1/pairs/demo')).toMatchObject({ status: 200 });
  });
});
