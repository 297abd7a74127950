import type { Budget } from '../../core/flow/budget.ts';
import type { Random } from '../../core/flow/ports.ts';
import { NotSent, ServiceFailure } from './failure.ts';

export interface RequestsOptions<Opened> {
  /** Loads what is used of the SDK, and opens a client. Called with the first request: most have no such target. */
  open(): Promise<Opened>;
  random: Random;
  /** The deadline of each request, and of finding credentials for the first. */
  requestTimeoutMs: number;
  /** Before the second attempt; doubled before each further one. */
  firstPauseMs: number;
  failureOf(error: unknown, action: string, about: string): ServiceFailure<string>;
}

type Request<Opened, T> = (opened: Opened, options: { abortSignal: AbortSignal }) => Promise<T>;

/**
 * Sends one request and keeps within the budget.
 * @param action such as `ModifyListener` @param about the name of what it is about. @throws ServiceFailure, of the service
 */
export type Send<Opened> = <T>(
  action: string,
  about: string,
  budget: Budget,
  request: Request<Opened, T>,
) => Promise<T>;

export interface Requests<Opened> {
  /** For what is asked again anyway. */
  once: Send<Opened>;
  /** For what changes nothing: again where that may help. */
  ask: Send<Opened>;
  /** The same for what many ask all the time: after a refusal because of the rate once more only, or they would keep it up. */
  look: Send<Opened>;
  /** For changes: repeated only where the service said that it did nothing. */
  change: Send<Opened>;
}

const connectionTimeoutMs = 1_000;
/** Less is not enough for an answer: the request is not sent. */
const leastMs = 20;
const attemptsMax = 5;
/** Rates are counted by the second. */
const throttledPauseMs = 700;

/** Settings of a client of the SDK, which finds credentials and the endpoint as it always does (`AWS_ENDPOINT_URL_…`). */
export function clientSettings(requestTimeoutMs: number) {
  const requestHandler = {
    connectionTimeout: Math.min(connectionTimeoutMs, requestTimeoutMs),
    requestTimeout: requestTimeoutMs,
    // Otherwise the SDK only warns, on the output of the service.
    throwOnRequestTimeout: true,
  };
  // Trying again is ours: a second patience inside the first would multiply both.
  return { maxAttempts: 1, requestHandler };
}

/** Requests to one service, by one client. */
export function createRequests<Opened>(options: RequestsOptions<Opened>): Requests<Opened> {
  const { open, random, requestTimeoutMs, firstPauseMs, failureOf } = options;
  let opening: Promise<Opened> | null = null;

  const once: Send<Opened> = async (action, about, budget, request) => {
    opening ??= open();
    const opened = await opening;
    try {
      if (budget.leftMs() < leastMs) throw new NotSent();
      return await budget.within(requestTimeoutMs, (abortSignal) => request(opened, { abortSignal }));
    } catch (error) {
      throw failureOf(error, action, about);
    }
  };

  const patiently =
    (retries: string[]): Send<Opened> =>
    async (action, about, budget, request) => {
      for (let attempt = 1; ; attempt += 1) {
        try {
          return await once(action, about, budget, request);
        } catch (error) {
          const mayRetry = error instanceof ServiceFailure && retries.includes(error.retry) && attempt < attemptsMax;
          if (!mayRetry || !(await budget.pause(firstPauseMs * 2 ** (attempt - 1) * (0.5 + random())))) throw error;
        }
      }
    };

  const again = patiently(['again']);
  const look: Send<Opened> = async (action, about, budget, request) => {
    try {
      return await again(action, about, budget, request);
    } catch (error) {
      const isThrottled = error instanceof ServiceFailure && error.retry === 'slow-down';
      if (!isThrottled || !(await budget.pause(throttledPauseMs * (0.5 + random())))) throw error;
      return await again(action, about, budget, request);
    }
  };

  return { once, look, ask: patiently(['slow-down', 'again']), change: patiently(['slow-down']) };
}
