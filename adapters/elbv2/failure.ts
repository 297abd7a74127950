import { OutOfTime } from '../../core/flow/budget.ts';

/** Why a request to Elastic Load Balancing went wrong, in one sentence. */
export class Elbv2Failure extends Error {
  override readonly name = 'Elbv2Failure';
  /** The request may have taken effect all the same. */
  readonly isUncertain: boolean;
  /** - `slow-down`: refused because of the rate · `again`: nothing is known against it · `never`: that would not help */
  readonly retry: 'slow-down' | 'again' | 'never';

  constructor(
    message: string,
    retry: Elbv2Failure['retry'],
    { isUncertain = false, cause = undefined as unknown } = {},
  ) {
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

/** @param action such as `elasticloadbalancing:ModifyListener` @param arn what it was about */
export function failureOf(error: unknown, action: string, arn: string): Elbv2Failure {
  const { name = 'Error', message = '', $metadata: { httpStatusCode: status } = {} } = error as SdkError;
  // The SDK may have wrapped it, and keeps only the words.
  const code = (error as SdkError).code ?? message.match(/\bE[A-Z_]{4,}\b/)?.[0];
  const words = `${name}: ${message}`.replace(wrapping, '').slice(0, wordsLengthMax);
  if (name === 'CredentialsProviderError')
    return new Elbv2Failure(`no AWS credentials for ${action} were found`, 'never', { cause: error });
  if (status === undefined) {
    const isUncertain = !unsentCodes.includes(code ?? '');
    const why = error instanceof OutOfTime ? ` ${message}` : `: ${code ?? words}`;
    return new Elbv2Failure(`Elastic Load Balancing did not answer ${action}${why}`, 'again', {
      isUncertain,
      cause: error,
    });
  }
  const known = refusals.find(({ names }) => names.test(name));
  if (known) return new Elbv2Failure(known.sentence({ action, arn, words }), known.retry, { cause: error });
  const isUncertain = status >= 500 || status < 300;
  const sentence = `Elastic Load Balancing answered ${action} with ${status} ${words}`;
  return new Elbv2Failure(sentence, isUncertain ? 'again' : 'never', { isUncertain, cause: error });
}

interface Refusal {
  names: RegExp;
  retry: Elbv2Failure['retry'];
  sentence(facts: { action: string; arn: string; words: string }): string;
}

/** Elastic Load Balancing API reference, "Errors" of each operation, and "Common Errors". None of these changes anything. */
const refusals: Refusal[] = [
  {
    names: /^(Throttling|ThrottlingException|ThrottledException|TooManyRequestsException|RequestLimitExceeded)$/,
    retry: 'slow-down',
    sentence: ({ action }) => `Elastic Load Balancing throttles ${action}`,
  },
  {
    names: /^PriorRequestNotComplete/,
    retry: 'slow-down',
    sentence: ({ arn }) => `Elastic Load Balancing is still working on an earlier change of ${arn}`,
  },
  {
    names: /^(AccessDenied(Exception)?|UnauthorizedOperation)$/,
    retry: 'never',
    sentence: ({ action, arn }) => `IAM does not allow ${action} on ${arn}`,
  },
  {
    names:
      /^(ExpiredToken|InvalidClientTokenId|SignatureDoesNotMatch|UnrecognizedClient|InvalidSignature|MissingAuthenticationToken)/,
    retry: 'never',
    sentence: ({ words }) => `AWS does not accept the credentials: ${words}`,
  },
  { names: /^ListenerNotFound/, retry: 'never', sentence: ({ arn }) => `there is no listener ${arn}` },
  { names: /^RuleNotFound/, retry: 'never', sentence: ({ arn }) => `there is no rule ${arn}` },
  {
    names: /^TargetGroupNotFound/,
    retry: 'never',
    sentence: ({ action, arn }) =>
      arn.includes(':targetgroup/') ? `there is no target group ${arn}` : `a target group of ${action} does not exist`,
  },
];
