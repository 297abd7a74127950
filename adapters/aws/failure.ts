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
  $metadata?: { httpStatusCode?: number };
}

const wordsLengthMax = 300;
/** What the SDK puts before the words of an error that is not its own. */
const wrapping = /^Error: AWS SDK error wrapper for /;
/** Nothing was sent. */
const unsentCodes = ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH'];
/** "Common Errors" of every service. */
const notAccepted =
  /^(ExpiredToken|InvalidClientTokenId|SignatureDoesNotMatch|UnrecognizedClient|InvalidSignature|MissingAuthenticationToken)/;

/** What an error of the SDK means for whoever asked. */
export function explained<Facts, More extends string = never>(
  error: unknown,
  { service, action, facts, refusals }: Asked<Facts, More>,
): Explained<More> {
  const { name = 'Error', message = '', $metadata: { httpStatusCode: status } = {} } = error as SdkError;
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
  const known = refusals.find(({ names }) => names.test(name));
  if (known) return [known.sentence({ ...facts, words }), known.retry, certain];
  if (notAccepted.test(name)) return [`AWS does not accept the credentials: ${words}`, 'never', certain];
  const isUncertain = status >= 500 || status < 300;
  const sentence = `${service} answered ${action} with ${status} ${words}`;
  return [sentence, isUncertain ? 'again' : 'never', { isUncertain, cause: error }];
}
