import { Connections, exchange } from './exchange.ts';
import { type Credentials, type CredentialsSource, codeOf } from './failure.ts';
import { within } from './ladder.ts';

/** Answers to the questions asked here are a few kilobytes; anything longer is not read. */
const longestBodyBytes = 1024 * 1024;

/**
 * - `answered`: any HTTP status, with the body if it was JSON
 * - `silent`: nothing usable within the deadline, for the reason given
 */
export type ManagementAnswer = { kind: 'answered'; status: number; body: unknown } | { kind: 'silent'; reason: string };

/** What is asked for; a GET with the default deadline unless it says otherwise. */
export interface ManagementCall {
  method?: 'GET' | 'PUT' | 'DELETE';
  /** Sent as JSON. */
  body?: unknown;
  /** Told to clients whose connection a DELETE closes. */
  reason?: string;
  /** A whole number. */
  timeoutMs?: number;
}

class Late extends Error {}

/** Asks the management HTTP APIs of a pair, over kept-alive connections of its own. */
export class ManagementApi {
  readonly #connections: Connections;
  readonly #timeoutMs: number;

  /** @param connections at most so many per node; a call that hangs holds one until its deadline */
  constructor(timeoutMs: number, connections = 8) {
    this.#timeoutMs = timeoutMs;
    this.#connections = new Connections(connections);
  }

  /** One GET; see `call`. */
  get(base: string, path: string, credentials: CredentialsSource): Promise<ManagementAnswer> {
    return this.call(base, path, credentials);
  }

  /** One request, bounded in time and size; redirects are not followed. Never rejects. `path` begins with `/api/`. */
  async call(
    base: string,
    path: string,
    credentials: CredentialsSource,
    call: ManagementCall = {},
  ): Promise<ManagementAnswer> {
    const { timeoutMs = this.#timeoutMs } = call;
    const signal = AbortSignal.timeout(timeoutMs);
    try {
      // Raced as well: a request that still waits for a connection does not hear of the signal.
      return await within(
        timeoutMs,
        this.#ask(base, path, credentials, { ...call, timeoutMs }, signal),
        () => new Late(),
      );
    } catch (error) {
      const isLate = error instanceof Late || signal.aborted;
      return { kind: 'silent', reason: isLate ? `no answer within ${timeoutMs} ms` : codeOf(error) || 'no answer' };
    }
  }

  async #ask(
    base: string,
    path: string,
    credentials: CredentialsSource,
    call: ManagementCall & { timeoutMs: number },
    signal: AbortSignal,
  ): Promise<ManagementAnswer> {
    const { status, text } = await exchange(base.replace(/\/+$/, '') + path, {
      ...requestOf(call, await credentials(), call.timeoutMs),
      agent: this.#connections.agentFor(base),
      bodyBytesMax: longestBodyBytes,
      signal,
    });
    return { kind: 'answered', status, body: parseJson(text) };
  }

  async close(): Promise<void> {
    this.#connections.close();
  }
}

function requestOf({ method = 'GET', body, reason }: ManagementCall, login: Credentials, timeoutMs: number) {
  // RabbitMQ's alarm checks wait up to 70 s by themselves; the header `timeout` bounds them. No `accept` header: with
  // one, 3.10 answers 406 instead of 404 for a check that it does not have.
  const headers = {
    authorization: `Basic ${Buffer.from(`${login.username}:${login.password}`).toString('base64')}`,
    timeout: String(timeoutMs),
    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    ...(reason === undefined ? {} : { 'x-reason': reason }),
  };
  return { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
