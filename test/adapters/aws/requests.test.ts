import { beforeEach, describe, expect, test } from '@jest/globals';
import { explained, ServiceFailure } from '../../../adapters/aws/failure.ts';
import { createRequests, type Requests } from '../../../adapters/aws/requests.ts';
import { systemClock } from '../../../adapters/system/clock.ts';
import { startBudget } from '../../../core/flow/budget.ts';

class Failure extends ServiceFailure {}

const failureOf = (error: unknown, action: string) =>
  new Failure(...explained(error, { service: 'The service', action, facts: {}, refusals: [] }));

describe('a client that cannot be opened', () => {
  let requests: Requests<string>;
  let failures: number;
  let openings: number;
  beforeEach(() => {
    openings = 0;
    const open = async () => {
      openings += 1;
      if (openings <= failures) throw new Error('no memory is left');
      return 'a client';
    };
    requests = createRequests({
      open,
      close: () => {},
      random: () => 0,
      requestTimeoutMs: 200,
      firstPauseMs: 1,
      failureOf,
    });
  });

  const change = () => requests.change('Change', 'it', startBudget(systemClock, 500), async (client) => client);
  const ask = () => requests.ask('Describe', 'it', startBudget(systemClock, 500), async (client) => client);

  test('is explained as a failure of the request, which certainly changed nothing', async () => {
    failures = 1;
    const failure = await change().catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(Failure);
    expect(failure).toMatchObject({
      message: 'no client for Change could be opened: no memory is left',
      isUncertain: false,
    });
  });

  test('is opened anew by the next request', async () => {
    failures = 1;
    await change().catch(() => {});
    expect(await change()).toBe('a client');
    expect(openings).toBe(2);
  });

  test('is opened anew by a question that is asked again', async () => {
    failures = 2;
    expect(await ask()).toBe('a client');
  });

  test('is opened once for all who ask at the same time', async () => {
    failures = 0;
    await Promise.all([ask(), change(), ask()]);
    expect(openings).toBe(1);
  });
});
