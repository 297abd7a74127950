import type { Budget } from '../../core/flow/budget.ts';
import type { Random } from '../../core/flow/ports.ts';
import { NotOpened, NotSent, ServiceFailure, statusOf } from './failure.ts';

export interface RequestsOptions<Opened> {
  /** Loads what is used of the SDK, and opens a client. Called with the first request: most have no such target. */
  open(): Promise<Opened>;
  /** Closes what was opened. */
  close(opened: Opened): void;
  random: Random;
  /** The deadline of a request on a connection that is open: all that is left of the budget is for the first. See `ask`. */
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
  /**
   * For what changes nothing: again where that may help. As long as nothing was answered, one request has all that is left of the
   * budget: it finds credentials, looks up a name and opens a connection, which takes four round trips with TLS 1.2. One that is
   * given up closes its connection, so with less time a far Region would never be reached.
   */
  ask: Send<Opened>;
  /** The same for what many ask all the time: after a refusal because of the rate once more only, or they would keep it up. */
  look: Send<Opened>;
  /** For changes: repeated only where the service said that it did nothing. */
  change: Send<Opened>;
  /** Closes the client and its connections; bounded in time. What is asked for later opens new ones. */
  close(): Promise<void>;
}

const connectionTimeoutMs = 1_000;
/** More than any budget, which is what ends a request. */
const longestRequestMs = 10_000;
/** Less is not enough for an answer: the request is not sent. */
const leastMs = 20;
const attemptsMax = 5;
/** Rates are counted by the second. */
const throttledPauseMs = 700;

/** Settings of a client of the SDK, which finds credentials and the endpoint as it always does (`AWS_ENDPOINT_URL_…`). */
export const clientSettings = {
  // Trying again is ours: a second patience inside the first would multiply both.
  maxAttempts: 1,
  requestHandler: {
    connectionTimeout: connectionTimeoutMs,
    requestTimeout: longestRequestMs,
    // Otherwise the SDK only warns, on the output of the service.
    throwOnRequestTimeout: true,
  },
};

/** Requests to one service, by one client. */
export function createRequests<Opened>(options: RequestsOptions<Opened>): Requests<Opened> {
  const { random, requestTimeoutMs, firstPauseMs, failureOf } = options;
  const client = openedOnce(options);
  // The last request was answered, so there is a connection that the next one finds open.
  let isConnected = false;

  const within =
    (timeoutMs: (budget: Budget) => number): Send<Opened> =>
    async (action, about, budget, request) => {
      try {
        const opened = await client.get();
        if (budget.leftMs() < leastMs) throw new NotSent();
        const answer = await budget.within(timeoutMs(budget), (abortSignal) => request(opened, { abortSignal }));
        isConnected = true;
        return answer;
      } catch (error) {
        isConnected = statusOf(error) !== undefined;
        throw failureOf(error, action, about);
      }
    };

  const patiently =
    (once: Send<Opened>, retries: string[]): Send<Opened> =>
    async (action, about, budget, request) => {
      for (let attempt = 1; ; attempt += 1) {
        try {
          return await once(action, about, budget, request);
        } catch (error) {
          const mayRetry = error instanceof ServiceFailure && retries.includes(error.retry) && attempt < attemptsMax;
          if (!mayRetry || !(await budget.pause(firstPauseMs * 2 ** (attempt - 1) * (0.5 + random())))) throw error;
          // A pause may take longer than it should: what went wrong says more than that no time is left.
          if (budget.leftMs() < leastMs) throw error;
        }
      }
    };

  const once = within(() => requestTimeoutMs);
  const connecting = within((budget) => (isConnected ? requestTimeoutMs : budget.leftMs()));
  const again = patiently(connecting, ['again']);
  const look: Send<Opened> = async (action, about, budget, request) => {
    try {
      return await again(action, about, budget, request);
    } catch (error) {
      const isThrottled = error instanceof ServiceFailure && error.retry === 'slow-down';
      if (!isThrottled || !(await budget.pause(throttledPauseMs * (0.5 + random())))) throw error;
      return await again(action, about, budget, request);
    }
  };
  return {
    once,
    look,
    ask: patiently(connecting, ['slow-down', 'again']),
    change: patiently(once, ['slow-down']),
    async close() {
      isConnected = false;
      await client.close();
    },
  };
}

/** Opened once, by all who ask. */
export interface OpenedOnce<Opened> {
  /** @throws NotOpened. A failure is not kept: what cannot be opened now may be for the next request. */
  get(): Promise<Opened>;
  /** Closes what was opened. What is asked for later is opened anew. */
  close(): Promise<void>;
}

/** Opens with the first request. */
export function openedOnce<Opened>({
  open,
  close,
}: Pick<RequestsOptions<Opened>, 'open' | 'close'>): OpenedOnce<Opened> {
  let opening: Promise<Opened> | null = null;
  const openNow = () => {
    const mine = open().catch((error) => {
      if (opening === mine) opening = null;
      throw new NotOpened(error);
    });
    return mine;
  };
  return {
    get() {
      opening ??= openNow();
      return opening;
    },
    async close() {
      const last = opening;
      opening = null;
      // What could not be opened has nothing to close.
      await last?.then(close, () => {});
    },
  };
}
