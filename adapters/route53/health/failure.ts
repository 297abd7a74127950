import { OutOfTime } from '../../../core/flow/budget.ts';
import type { SwitchCopyConfig } from '../../../core/model/targets/route53Health.ts';

/** Why a request to S3 went wrong, in one sentence. */
export class S3Failure extends Error {
  override readonly name = 'S3Failure';
  /** The request may have taken effect all the same. */
  readonly isUncertain: boolean;
  /**
   * - `slow-down`: refused because of the rate · `outdated`: refused because the object is not as the request says
   * - `missing`: there is no such object · `again`: nothing is known against sending it again · `never`: that would not help
   */
  readonly retry: 'slow-down' | 'outdated' | 'missing' | 'again' | 'never';

  constructor(message: string, retry: S3Failure['retry'], { isUncertain = false, cause = undefined as unknown } = {}) {
    super(message, { cause });
    this.retry = retry;
    this.isUncertain = isUncertain;
  }
}

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

/** @param action such as `s3:GetObject` */
export function failureOf(error: unknown, action: string, copy: SwitchCopyConfig): S3Failure {
  const { name = 'Error', message = '', $metadata: { httpStatusCode: status } = {} } = error as SdkError;
  // The SDK may have wrapped it, and keeps only the words.
  const code = (error as SdkError).code ?? message.match(/\bE[A-Z_]{4,}\b/)?.[0];
  const words = `${name}: ${message}`.replace(wrapping, '').slice(0, wordsLengthMax);
  if (name === 'CredentialsProviderError')
    return new S3Failure(`no AWS credentials for ${action} were found`, 'never', { cause: error });
  if (status === undefined) {
    const isUncertain = !unsentCodes.includes(code ?? '');
    const why = error instanceof OutOfTime ? ` ${message}` : `: ${code ?? words}`;
    return new S3Failure(`S3 in ${copy.region} did not answer ${action}${why}`, 'again', { isUncertain, cause: error });
  }
  const known = refusals.find(({ names }) => names.test(name));
  if (known) return new S3Failure(known.sentence({ action, copy, words }), known.retry, { cause: error });
  const isUncertain = status >= 500 || status < 300;
  const sentence = `S3 in ${copy.region} answered ${action} with ${status} ${words}`;
  return new S3Failure(sentence, isUncertain ? 'again' : 'never', { isUncertain, cause: error });
}

interface Refusal {
  names: RegExp;
  retry: S3Failure['retry'];
  sentence(facts: { action: string; copy: SwitchCopyConfig; words: string }): string;
}

/** S3 API reference, "Error responses", and "Errors" of PutObject and GetObject. None of these changes anything. */
const refusals: Refusal[] = [
  {
    names: /^(SlowDown|ServiceUnavailable|RequestLimitExceeded|Throttling\w*|TooManyRequests\w*)$/,
    retry: 'slow-down',
    sentence: ({ action, copy }) => `S3 in ${copy.region} throttles ${action}`,
  },
  {
    names: /^(PreconditionFailed|ConditionalRequestConflict)$/,
    retry: 'outdated',
    sentence: ({ copy, words }) => `somebody else wrote ${nameOf(copy)} meanwhile (${words})`,
  },
  { names: /^NoSuchKey$/, retry: 'missing', sentence: ({ copy }) => `there is no object ${nameOf(copy)}` },
  { names: /^NoSuchBucket$/, retry: 'never', sentence: ({ copy }) => `there is no bucket ${copy.bucket}` },
  {
    names: /^(PermanentRedirect|AuthorizationHeaderMalformed|IllegalLocationConstraintException)$/,
    retry: 'never',
    sentence: ({ copy }) => `the bucket ${copy.bucket} is not in ${copy.region}`,
  },
  {
    // GetObject, "Permissions": without s3:ListBucket nobody is told that an object is not there.
    names: /^AccessDenied(Exception)?$/,
    retry: 'never',
    sentence: ({ action, copy }) =>
      `IAM does not allow ${action} on ${nameOf(copy)}${action === 's3:GetObject' ? ', or it is not there and s3:ListBucket is not allowed' : ''}`,
  },
  {
    names:
      /^(Expired\w*|InvalidAccessKeyId|InvalidToken|SignatureDoesNotMatch|RequestTimeTooSkewed|UnrecognizedClient)/,
    retry: 'never',
    sentence: ({ words }) => `AWS does not accept the credentials: ${words}`,
  },
];

function nameOf({ bucket, key }: SwitchCopyConfig): string {
  return `${bucket}/${key}`;
}
