import type { FailureClass } from '../../core/model/probe.ts';

/** Why a rung of the ladder was not passed. The message is safe to show: it holds no secret and one line of text. */
export class ProbeFailure extends Error {
  override readonly name = 'ProbeFailure';
  readonly failureClass: FailureClass;

  constructor(failureClass: FailureClass, detail: string) {
    super(tidy(detail));
    this.failureClass = failureClass;
  }
}

/** The connection, or its channel, ended before the broker gave a verdict. A new connection tells more. */
export class ConnectionLost extends ProbeFailure {}

export interface Credentials {
  username: string;
  password: string;
}

/** How the probe user of a site logs in. Asked at every connection, so that a rotated password is picked up. */
export type CredentialsSource = () => Promise<Credentials>;

/** Removes the secret in every form in which a broker or a library may echo it. */
export function redact(text: string, { username, password }: Credentials): string {
  const basic = Buffer.from(`${username}:${password}`).toString('base64');
  const plain = Buffer.from(`\0${username}\0${password}`).toString('base64');
  return [basic, plain, password, encodeURIComponent(password)]
    .filter((secret) => secret.length > 0)
    .reduce((clean, secret) => clean.replaceAll(secret, '***'), text);
}

const longestDetail = 300;

/** What a peer says may be anything: one line, no control characters, not too long. */
function tidy(text: string): string {
  const line = text.replace(/[\p{Cc}\s]+/gu, ' ').trim();
  return line.length > longestDetail ? `${line.slice(0, longestDetail)}…` : line;
}

/** The error code of Node, also of the first of several attempted addresses. */
export function codeOf(error: unknown): string {
  const { code, errors } = (error ?? {}) as { code?: unknown; errors?: unknown[] };
  if (typeof code === 'string' || typeof code === 'number') return String(code);
  return Array.isArray(errors) && errors.length > 0 ? codeOf(errors[0]) : '';
}

/** An error that nobody foresaw is the prober's own, and does not vote. Its text is not shown: it may hold anything. */
export function asFailure(error: unknown): ProbeFailure {
  if (error instanceof ProbeFailure) return error;
  const name = error instanceof Error ? error.name : 'error';
  return new ProbeFailure('probe-error', `unexpected ${name} in the prober`);
}
