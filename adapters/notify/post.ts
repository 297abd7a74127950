import { createHmac } from 'node:crypto';

/** One request of ours to somebody else's URL. */
export interface Post {
  url: string;
  body: string;
  /** Signs the request; null: unsigned. */
  key: string | null;
  nowMs: number;
  signal: AbortSignal;
}

/** There was no answer. The message names no URL: it may be a secret. */
export class NoAnswer extends Error {
  /** Why the connection failed, as the system calls it; undefined when time was up or the URL is not usable. */
  readonly code: string | undefined;

  constructor(message: string, code?: string) {
    super(message);
    this.code = code;
  }
}

/**
 * Posts JSON and follows no redirect. Signed, where there is a key for that, as `warren-signature: t=SECONDS,v1=HEX`, the
 * HMAC-SHA256 of `SECONDS.BODY`: a receiver can tell who sent it, and refuse one that is sent again later.
 * @throws NoAnswer
 */
export async function post({ url, body, key, nowMs, signal }: Post): Promise<Response> {
  const headers: Record<string, string> = { 'content-type': 'application/json' };
  if (key !== null) headers['warren-signature'] = signature(key, body, nowMs);
  return await fetch(url, { method: 'POST', headers, body, signal, redirect: 'manual' }).catch((error) => {
    if (signal.aborted) throw new NoAnswer('no answer in time');
    throw new NoAnswer(`no answer (${reasonOf(error.cause)})`, error.cause?.code);
  });
}

function reasonOf({ name, code }: { name?: string; code?: string } = {}): string {
  if (name === 'HTTPParserError') return 'what came is not HTTP';
  return code === undefined || code === 'ERR_INVALID_URL' ? 'the URL is not usable' : code;
}

/** The value of `warren-signature`. */
export function signature(key: string, body: string, nowMs: number): string {
  const seconds = Math.floor(nowMs / 1_000);
  return `t=${seconds},v1=${createHmac('sha256', key).update(`${seconds}.${body}`).digest('hex')}`;
}
