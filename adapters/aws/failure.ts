import { OutOfTime } from '../../core/flow/budget.ts';

/** - `slow-down`: refused because of the rate · `again`: nothing is known against it · `never`: that would not help */
export type Retry = 'slow-down' | 'again' | 'never';

/** Why a request to a service of AWS went wrong, in one sentence. `More` is what else may be done about it there. */
export class ServiceFailure<More extends string = never> extends Error {
  /** The request may have taken effect all the same. */
  readonly isUncertain: boolean;
  readonly retry: Retry | More;

  constructor(message: string, retry: Retry | More, { isUncertain = false, cause = undefined as unknown } = {}) {
    super(message, { cause });
    this.retry = retry;
    this.isUncertain = isUncertain;
  }
}

/** There was not enough time for an answer, so that nothing was sent. */
export class NotSent extends Error {}

/** There was no client to send with, so that nothing was sent. */
export class NotOpened extends Error {
  constructor(cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

/** An answer by which a service says that it changed nothing. */
export interface Refusal<Facts, More extends string = never> {
  /** Of the error. */
  names: RegExp;
  retry: Retry | More;
  sentence(facts: Facts & { words: string }): string;
}

/** What a request was about. */
export interface Asked<Facts, More extends string> {
  service: string;
  /** Such as `route53:GetChange`. */
  action: string;
  facts: Facts;
  /** The first that matches counts. */
  refusals: Refusal<Facts, More>[];
}

/** A failure of a service, as its constructor takes it. */
type Explained<More extends string> = [
  message: string,
  retry: Retry | More,
  details: { isUncertain: boolean; cause: unknown },
];

/** What the SDK says of a request that went wrong; a part of it only where there was no answer. */
interface SdkError {
  name?: string;
  message?: string;
  code?: string;
  $metadata?: { httpStatusCode?: number; clockSkewCorrected?: boolean };
}

const wordsLengthMax = 300;
/** What the SDK puts before the words of an error that is not its own. */
const wrapping = /^Error: AWS SDK error wrapper for /;
/** Nothing was sent. */
const unsentCodes = ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH'];
/** "Common Errors" of every service. */
const notAccepted =
  /^(ExpiredToken|InvalidClientTokenId|SignatureDoesNotMatch|UnrecognizedClient|InvalidSignature|MissingAuthenticationToken)/;

/** The status of the answer; undefined: there was none. */
export function statusOf(error: unknown): number | undefined {
  return (error as SdkError).$metadata?.httpStatusCode;
}

/** The first of these is S3's, with status 400 (S3 API reference, "Error responses"). */
const timeoutNames = /^RequestTimeout(Exception)?$/;
/** By what services refuse a signature that is of another time (`CLOCK_SKEW_ERROR_CODES` of the SDK). */
const skewNames =
  /^(AuthFailure|InvalidSignature(Exception)?|RequestExpired|RequestInTheFuture|RequestTimeTooSkewed|SignatureDoesNotMatch)$/;
/** An authorization error of STS, which names what it is about: whoever asked has no credentials yet. */
const notAssumed = /not authorized to perform:? (sts:\w+)/i;

/**
 * Whether asking again may help, as far as the status says: for an answer whose name says nothing more, also of something in
 * between (RFC 9110, 408; RFC 6585, 429). And where the time of the signature was refused: the SDK has learnt the right one from
 * that answer, and signs by it from now on.
 */
export function retryOf(error: unknown): { retry: Retry; isUncertain: boolean } {
  const { name = 'Error' } = error as SdkError;
  const status = statusOf(error);
  if (status === 429) return { retry: 'slow-down', isUncertain: false };
  if (status === undefined || status >= 500 || status < 300 || status === 408 || timeoutNames.test(name))
    return { retry: 'again', isUncertain: true };
  return { retry: isClockCorrected(error) ? 'again' : 'never', isUncertain: false };
}

function isClockCorrected(error: unknown): boolean {
  const { name = 'Error', $metadata: { clockSkewCorrected } = {} } = error as SdkError;
  return clockSkewCorrected === true && skewNames.test(name);
}

/** What an error of the SDK means for whoever asked. */
export function explained<Facts, More extends string = never>(
  error: unknown,
  { service, action, facts, refusals }: Asked<Facts, More>,
): Explained<More> {
  const { name = 'Error', message = '' } = error as SdkError;
  const status = statusOf(error);
  // The SDK may have wrapped it, and keeps only the words.
  const code = (error as SdkError).code ?? message.match(/\bE[A-Z_]{4,}\b/)?.[0];
  const words = `${name}: ${message}`.replace(wrapping, '').slice(0, wordsLengthMax);
  const certain = { isUncertain: false, cause: error };
  if (error instanceof NotSent) return [`no time was left for ${action}`, 'never', certain];
  if (error instanceof NotOpened) return [`no client for ${action} could be opened: ${message}`, 'again', certain];
  if (name === 'CredentialsProviderError') return [`no AWS credentials for ${action} were found`, 'never', certain];
  if (status === undefined) {
    const why = error instanceof OutOfTime ? ` ${message}` : `: ${code ?? words}`;
    const isUncertain = !unsentCodes.includes(code ?? '');
    return [`${service} did not answer ${action}${why}`, 'again', { isUncertain, cause: error }];
  }
  const refused = (sentence: string, retry: Retry | More): Explained<More> => {
    return [sentence, retry === 'never' && isClockCorrected(error) ? 'again' : retry, certain];
  };
  const [, assuming] = message.match(notAssumed) ?? [];
  if (assuming)
    return refused(`IAM does not allow ${assuming}, so there are no credentials for ${action}: ${words}`, 'never');
  const known = refusals.find(({ names }) => names.test(name));
  if (known) return refused(known.sentence({ ...facts, words }), known.retry);
  if (notAccepted.test(name)) return refused(`AWS does not accept the credentials: ${words}`, 'never');
  const { retry, isUncertain } = retryOf(error);
  return [`${service} answered ${action} with ${status} ${words}`, retry, { isUncertain, cause: error }];
}
