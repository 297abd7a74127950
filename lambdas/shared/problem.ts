import { Refusal, type RefusalName, refusals } from '../../core/flow/control/control.ts';
import { StoreUnavailable } from '../../core/flow/ports.ts';

/** What is wrong with one part of a request: where, what is there, and what belongs there instead. */
export interface InputError {
  /** Such as `overrides[0]`; `(query) limit` is in the address, `(header) Idempotency-Key` in a header. */
  path: string;
  value: string;
  expected: string;
}

/** An answer that says what went wrong (RFC 9457), sent as `application/problem+json`. */
export interface Problem {
  /** Stable: `urn:warren:problem:<name>`. */
  type: string;
  title: string;
  status: number;
  /** One sentence about this occurrence. */
  detail: string;
  /** Names the request in Warren's log. */
  instance?: string;
  errors?: readonly InputError[];
  /** What would be accepted instead. */
  allowed?: readonly string[];
}

/** Problems that have nothing to do with RabbitMQ. Stable, as the names of refusals are. */
const httpProblems = {
  'not-json': { status: 400, title: 'The body is not JSON' },
  unauthorized: { status: 401, title: 'Nobody that is known' },
  forbidden: { status: 403, title: 'Not allowed with this token' },
  'no-such-route': { status: 404, title: 'No such route' },
  'method-not-allowed': { status: 405, title: 'Not a method of this route' },
  'request-timeout': { status: 408, title: 'The request took too long to arrive' },
  'content-too-large': { status: 413, title: 'The body is too large' },
  'unsupported-media-type': { status: 415, title: 'Not JSON by its content type' },
  'too-many-requests': { status: 429, title: 'Too many requests' },
  'headers-too-large': { status: 431, title: 'The headers are too large' },
  'unexpected-error': { status: 500, title: 'An error in Warren' },
  'store-unavailable': { status: 503, title: 'The store does not answer' },
  'out-of-time': { status: 503, title: 'No answer in time' },
} as const satisfies Record<string, { status: number; title: string }>;
type HttpProblemName = keyof typeof httpProblems;
export type ProblemName = HttpProblemName | RefusalName;

const refusalStatuses = { 'bad-input': 400, 'not-found': 404, refused: 409 } as const;

/** Every problem there is, with its status: first those of the protocol, then what the core refuses. */
export const problemKinds: Record<ProblemName, { status: number; title: string }> = {
  ...httpProblems,
  ...(Object.fromEntries(
    Object.entries(refusals).map(([name, kind]) => [name, { status: refusalStatuses[kind], title: titleOf(name) }]),
  ) as Record<RefusalName, { status: number; title: string }>),
  // A repeated key with another request (draft-ietf-httpapi-idempotency-key-header, section 2.7).
  'idempotency-key-reused': { status: 422, title: titleOf('idempotency-key-reused') },
};

/** The problems that are answered with a status. */
export function problemNames(status: number): string[] {
  return Object.keys(problemKinds).filter((name) => problemKinds[name as ProblemName].status === status);
}

const waitSeconds = 5;

/** Ends a request with this problem. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';
  readonly problem: Problem;
  readonly headers: Record<string, string>;

  constructor(
    name: ProblemName,
    detail: string,
    more: Pick<Problem, 'errors' | 'allowed'> & { headers?: Record<string, string> } = {},
  ) {
    super(detail);
    const { headers = {}, ...extensions } = more;
    this.problem = { type: `urn:warren:problem:${name}`, ...problemKinds[name], detail, ...extensions };
    this.headers = headers;
  }
}

/** What a request ended with, as a problem that tells no more than it should. */
export function problemOf(error: unknown): ProblemError {
  if (error instanceof ProblemError) return error;
  if (error instanceof Refusal) return new ProblemError(error.refusal, error.message);
  const headers = { 'retry-after': String(waitSeconds) };
  if (error instanceof StoreUnavailable)
    return new ProblemError('store-unavailable', 'The store cannot be read or written now. Ask again.', { headers });
  return new ProblemError('unexpected-error', 'Warren could not answer because of an error of its own.');
}

/** The answer of a Lambda function that would be stopped before it has one. */
export function outOfTime(): ProblemError {
  const detail =
    'There was no answer in time. A change may have been made all the same: ask again with the same Idempotency-Key.';
  return new ProblemError('out-of-time', detail, { headers: { 'retry-after': String(waitSeconds) } });
}

/** The document that is sent. */
export function problemDocument({ problem }: ProblemError, requestId: string): Problem {
  return { ...problem, instance: `urn:warren:request:${requestId}` };
}

/** What every answer carries, whatever it says. */
export const safeHeaders: Readonly<Record<string, string>> = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
};

/** `idempotency-key-reused`: `Idempotency key reused`. */
function titleOf(name: string): string {
  const words = name.replaceAll('-', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}
