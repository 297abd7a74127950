import { Agent, request } from 'undici';
import type * as z from 'zod';
import { withDeadline, within } from '../adapters/notify/deadline.ts';
import { systemClock } from '../adapters/system/clock.ts';
import { type Answered, understood } from './remoteControlAnswer.ts';
import { failureOf, RemoteFailure } from './remoteControlFailure.ts';

/** Where a Warren is asked, and as whom. */
export interface RemoteOptions {
  /** Of its API: `https://HOST[:PORT]`, with a path when a proxy has it there. */
  url: string;
  /** Asked for each request. May reject. */
  token: () => Promise<string>;
  /** How long one attempt may take, from the first byte to the last. */
  timeoutMs: number;
}

/** One request to the API. */
export interface RemoteCall<T> {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** With its query. */
  path: string;
  /** Becomes JSON. */
  body?: object;
  /** Of a change. None: nothing is changed. */
  key?: string;
  /** What a good answer looks like. */
  answer: z.ZodType<T>;
}

/** Asks the API over kept-alive connections of its own. */
export interface Client {
  /** @throws Refusal, StoreUnavailable, CommandError */
  call<T>(call: RemoteCall<T>): Promise<T>;
  /** Closes every connection at once. */
  close(): Promise<void>;
}

/** A page of 500 decisions, each with what was seen of dozens of nodes, is a few megabytes. */
const bodyBytesMax = 16 * 1_024 * 1_024;
const connectionsMax = 8;
const attemptsMax = { changing: 3, reading: 2 };
const firstPauseMs = 250;

export function createClient(options: RemoteOptions): Client {
  const { url, timeoutMs } = options;
  const { host } = new URL(url);
  const agent = new Agent({
    allowH2: false,
    connections: connectionsMax,
    // Whoever cannot be reached has done nothing, which is to be told from an answer that does not come.
    connect: { timeout: timeoutMs / 2 },
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
    maxResponseSize: bodyBytesMax,
  });
  return {
    call: (call) =>
      untilAnswered(call, async () => understood(await exchange(options, agent, call), call.answer, host)),
    close: async () => await agent.destroy(),
  };
}

/** A change is asked for again under its key, because it may have been made; what reads, when its connection broke. */
async function untilAnswered<T>({ key }: RemoteCall<T>, ask: () => Promise<T>): Promise<T> {
  const isChange = key !== undefined;
  let isOpen = false;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof RemoteFailure)) throw error;
      const { kind } = error;
      isOpen ||= isChange && error.isOpen;
      // Who waited in vain to read something would wait in vain twice.
      const isLost = kind === 'cut' || (isChange && kind === 'late') || (isOpen && kind === 'unreached');
      if (!isLost || attempt >= attemptsMax[isChange ? 'changing' : 'reading'])
        throw isOpen ? error.leftOpen(attempt) : error;
      await systemClock.sleep(firstPauseMs * 2 ** (attempt - 1) * (0.5 + Math.random()));
    }
  }
}

async function exchange(options: RemoteOptions, agent: Agent, call: RemoteCall<unknown>): Promise<Answered> {
  const { url, token, timeoutMs } = options;
  const { host } = new URL(url);
  const presented = await token();
  return await withDeadline(systemClock, timeoutMs, async (signal) => {
    try {
      // Raced as well: undici (8.12) does not abort a request that still waits for a connection.
      return await within(signal, ask(url, presented, call, agent, signal));
    } catch (error) {
      throw failureOf(error, { host, timeoutMs, isLate: signal.aborted });
    }
  });
}

async function ask(
  url: string,
  token: string,
  { method, path, body, key }: RemoteCall<unknown>,
  dispatcher: Agent,
  signal: AbortSignal,
): Promise<Answered> {
  const headers = {
    accept: 'application/json, application/problem+json',
    authorization: `Bearer ${token}`,
    ...(body !== undefined && { 'content-type': 'application/json' }),
    ...(key !== undefined && { 'idempotency-key': key }),
  };
  const text = body === undefined ? null : JSON.stringify(body);
  const address = `${url.replace(/\/+$/, '')}${path}`;
  const answered = await request(address, { method, headers, body: text, dispatcher, signal });
  return { status: answered.statusCode, headers: answered.headers, text: await answered.body.text() };
}
