import { Agent, request } from 'undici';
import type * as z from 'zod';
import { systemClock } from '../adapters/system/clock.ts';
import { withDeadline, within } from '../core/flow/deadline.ts';
import { type Answered, understood } from './remoteControlAnswer.ts';
import { failureOf, RemoteFailure } from './remoteControlFailure.ts';
import type { Identity, Outgoing } from './remoteControlIdentity.ts';
import { createPatience } from './remoteControlPatience.ts';

/** Where a Warren is asked, and as whom. */
export interface RemoteOptions {
  /** Of its API: `https://HOST[:PORT]`, with a path when a proxy has it there. */
  url: string;
  identity: Identity;
  /** How long one attempt may take, from the first byte to the last. */
  timeoutMs: number;
}

/** One request to the API. */
export interface RemoteCall<T> {
  method: Outgoing['method'];
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
  const { url, timeoutMs, identity } = options;
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
  const patience = createPatience(systemClock, () => sayThatItWaits(host));
  const ask = <T>(call: RemoteCall<T>) =>
    untilAnswered(call, async () => {
      const outgoing = await identity.identified(outgoingOf(url, call));
      const answered = await exchange(outgoing, timeoutMs, agent);
      return understood(answered, call.answer, host, () => identity.refused(outgoing, answered));
    });
  return {
    // Whoever changes something is told at once, and decides.
    call: (call) => (call.method === 'GET' ? patience.untilTaken(() => ask(call)) : ask(call)),
    async close() {
      patience.end();
      await agent.destroy();
    },
  };
}

function sayThatItWaits(host: string): void {
  if (process.stderr.isTTY) process.stderr.write(`${host} takes no more requests at once: waiting for the others.\n`);
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

async function exchange(outgoing: Outgoing, timeoutMs: number, agent: Agent): Promise<Answered> {
  return await withDeadline(systemClock, timeoutMs, async (signal) => {
    try {
      // Raced as well: undici (8.12) does not abort a request that still waits for a connection.
      return await within(signal, send(outgoing, agent, signal));
    } catch (error) {
      throw failureOf(error, { host: outgoing.url.host, timeoutMs, isLate: signal.aborted });
    }
  });
}

function outgoingOf(url: string, { method, path, body, key }: RemoteCall<unknown>): Outgoing {
  const headers = {
    accept: 'application/json, application/problem+json',
    ...(body !== undefined && { 'content-type': 'application/json' }),
    ...(key !== undefined && { 'idempotency-key': key }),
  };
  const address = new URL(`${url.replace(/\/+$/, '')}${path}`);
  return { method, url: address, headers, body: body === undefined ? null : JSON.stringify(body) };
}

async function send(
  { url, method, headers, body }: Outgoing,
  dispatcher: Agent,
  signal: AbortSignal,
): Promise<Answered> {
  const answered = await request(url, { method, headers, body, dispatcher, signal });
  return { status: answered.statusCode, headers: answered.headers, text: await answered.body.text() };
}
