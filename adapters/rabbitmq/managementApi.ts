import { Agent, request } from 'undici';
import { type CredentialsSource, codeOf } from './failure.ts';
import { within } from './ladder.ts';

/** Answers to the questions asked here are a few kilobytes; anything longer is not read. */
const longestBodyBytes = 1024 * 1024;

/**
 * - `answered`: any HTTP status, with the body if it was JSON
 * - `silent`: nothing usable within the deadline, for the reason given
 */
export type ManagementAnswer = { kind: 'answered'; status: number; body: unknown } | { kind: 'silent'; reason: string };

/** Asks the management HTTP APIs of a pair, over kept-alive connections of its own. */
export class ManagementApi {
  readonly #agent: Agent;
  readonly #timeoutMs: number;

  constructor(timeoutMs: number) {
    this.#timeoutMs = timeoutMs;
    this.#agent = new Agent({
      connect: { timeout: timeoutMs },
      headersTimeout: timeoutMs,
      bodyTimeout: timeoutMs,
      connections: 8,
      maxResponseSize: longestBodyBytes,
    });
  }

  /** One GET, bounded in time and size; redirects are not followed. Never rejects. `path` begins with `/api/`. */
  async get(base: string, path: string, credentials: CredentialsSource): Promise<ManagementAnswer> {
    const signal = AbortSignal.timeout(this.#timeoutMs);
    try {
      const { username, password } = await within(this.#timeoutMs, credentials(), () => new Error('no credentials'));
      const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
      // RabbitMQ's alarm checks wait up to 70 s by themselves; the header `timeout` bounds them. No `accept` header: with
      // one, 3.10 answers 406 instead of 404 for a check that it does not have.
      const headers = { authorization, timeout: String(this.#timeoutMs) };
      const url = base.replace(/\/+$/, '') + path;
      const { statusCode, body } = await request(url, { dispatcher: this.#agent, headers, signal });
      return { kind: 'answered', status: statusCode, body: parseJson(await body.text()) };
    } catch (error) {
      const late = signal.aborted || /TIMEOUT/.test(codeOf(error));
      return { kind: 'silent', reason: late ? `no answer within ${this.#timeoutMs} ms` : codeOf(error) || 'no answer' };
    }
  }

  async close(): Promise<void> {
    await this.#agent.destroy();
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
