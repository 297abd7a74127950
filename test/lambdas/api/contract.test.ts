import { afterEach, describe, expect, test } from '@jest/globals';
import { createVirtualClock } from '../../../adapters/memory/clock.ts';
import { createRemoteControl } from '../../../cli/remoteControl.ts';
import { byToken } from '../../../cli/remoteControlIdentity.ts';
import { type Control, Refusal, type RefusalName, refusals } from '../../../core/flow/control/control.ts';
import { createApi } from '../../../lambdas/api/app.ts';
import { openApiDocument } from '../../../lambdas/api/document.ts';
import { serve } from '../../../lambdas/shared/serve.ts';
import { type ControlPlace, describeControlContract } from '../../contracts/control.ts';
import { alice, refusalOf, why } from '../../core/flow/control/desk.ts';
import { createFakeControl } from '../fakeControl.ts';

const token = 'a-token-of-24-characters';
const generous = { readsPerToken: 1e9, changesPerToken: 1e9, strangersPerAddress: 1e9 };

/** The API over a desk on a port of its own, and the control over that. */
function createRemotePlace(): ControlPlace {
  const closing: (() => Promise<void>)[] = [];
  return {
    async open({ control, clock }): Promise<Control> {
      const failures: unknown[] = [];
      const app = createApi({
        control,
        clock,
        document: openApiDocument(),
        limits: generous,
        authorize: async ({ authorization }) =>
          authorization === `Bearer ${token}` ? { who: 'alice', scope: 'admin' } : null,
        onFailure: (error) => failures.push(error),
      });
      const ending = new AbortController();
      const fetch = (request: Request, environment: object) => app.fetch(request, environment);
      const { url, close } = await serve({ listen: '127.0.0.1:0', fetch, signal: ending.signal });
      const remote = createRemoteControl({ url, identity: byToken(async () => token), timeoutMs: 5_000 });
      closing.push(async () => {
        await remote.close();
        await close();
        if (failures.length > 0) throw failures[0];
      });
      return remote;
    },
    async close() {
      for (const end of closing.splice(0)) await end();
    },
  };
}

describeControlContract('the control over the HTTP API', createRemotePlace);

describe('what the control over the HTTP API is told', () => {
  const place = createRemotePlace();
  afterEach(() => place.close());

  test.each(Object.keys(refusals) as RefusalName[])('%s comes back as it is', async (name) => {
    const fake = createFakeControl();
    const control = await place.open({ control: fake, clock: createVirtualClock() });
    fake.failNext(new Refusal(name, `It is ${name}.`));
    expect(await refusalOf(control.retry(alice, 'trading', why()))).toEqual({ name, sentence: `It is ${name}.` });
  });

  test('is asked of Control as it was meant, on behalf of whom the token names', async () => {
    const fake = createFakeControl();
    const control = await place.open({ control: fake, clock: createVirtualClock() });
    const caller = { who: 'alice', via: 'api', from: '127.0.0.1' };
    const move = {
      verb: 'drill',
      reason: 'monthly',
      overrides: [],
      atMs: 1e12,
      to: 'shanghai',
      holdMs: 5_000,
    } as const;
    await control.operate({ who: 'mallory', via: 'cli', from: 'here' }, 'trading', move);
    await control.health('trading', { fromMs: 5, toMs: 6, resolutionMs: 90_000 });
    await control.endMaintenance(alice, 'trading', 'beijing', { ...why('a & b'), dryRun: true });
    expect(fake.calls.map(({ given }) => given)).toEqual([
      [caller, 'trading', { ...move, idempotencyKey: expect.stringMatching(/^[\w-]{36}$/) }],
      ['trading', { fromMs: 5, toMs: 6, resolutionMs: 90_000 }],
      [caller, 'trading', 'beijing', { reason: 'a & b', dryRun: true, idempotencyKey: undefined }],
    ]);
  });
});
