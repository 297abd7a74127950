import { OutOfTime } from '../../core/flow/budget.ts';

/** Why a request to Route 53 went wrong, in one sentence. */
export class Route53Failure extends Error {
  override readonly name = 'Route53Failure';
  /** The request may have taken effect all the same. */
  readonly isUncertain: boolean;
  /**
   * - `slow-down`: refused because of the rate, or of an earlier request that is not complete
   * - `outdated`: refused because the zone is not as the request says
   * - `again`: nothing is known against sending it again; `never`: that would not help
   */
  readonly retry: 'slow-down' | 'outdated' | 'again' | 'never';

  constructor(
    message: string,
    retry: Route53Failure['retry'],
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

/** @param action such as `route53:GetChange`, with what it was about */
export function failureOf(error: unknown, action: string, zone: string): Route53Failure {
  const { name = 'Error', message = '', $metadata: { httpStatusCode: status } = {} } = error as SdkError;
  // The SDK may have wrapped it, and keeps only the words.
  const code = (error as SdkError).code ?? message.match(/\bE[A-Z_]{4,}\b/)?.[0];
  const words = `${name}: ${message}`.replace(wrapping, '').slice(0, wordsLengthMax);
  if (name === 'CredentialsProviderError')
    return new Route53Failure(`no AWS credentials for ${action} were found`, 'never', { cause: error });
  if (status === undefined) {
    const isUncertain = !unsentCodes.includes(code ?? '');
    const why = error instanceof OutOfTime ? ` ${message}` : `: ${code ?? words}`;
    return new Route53Failure(`Route 53 did not answer ${action}${why}`, 'again', { isUncertain, cause: error });
  }
  const known = refusals.find(({ names }) => names.test(name));
  if (known) return new Route53Failure(known.sentence({ action, zone, words }), known.retry, { cause: error });
  const isUncertain = status >= 500 || status < 300;
  const sentence = `Route 53 answered ${action} with ${status} ${words}`;
  return new Route53Failure(sentence, isUncertain ? 'again' : 'never', { isUncertain, cause: error });
}

interface Refusal {
  names: RegExp;
  retry: Route53Failure['retry'];
  sentence(facts: { action: string; zone: string; words: string }): string;
}

/** Route 53 API reference, "Errors" of each operation, and "Common Errors". None of these changes anything. */
const refusals: Refusal[] = [
  {
    names: /^(Throttling|ThrottlingException|ThrottledException|TooManyRequestsException)$/,
    retry: 'slow-down',
    sentence: ({ action }) => `Route 53 throttles ${action} (5 requests a second for the whole account)`,
  },
  {
    names: /^PriorRequestNotComplete$/,
    retry: 'slow-down',
    sentence: ({ zone }) => `Route 53 is still working on an earlier change of zone ${zone}`,
  },
  {
    names: /^InvalidChangeBatch$/,
    retry: 'outdated',
    sentence: ({ words }) => `Route 53 refused the batch: ${words}`,
  },
  {
    names: /^AccessDenied(Exception)?$/,
    retry: 'never',
    sentence: ({ action, zone }) => `IAM does not allow ${action} on zone ${zone}`,
  },
  {
    names:
      /^(ExpiredToken|InvalidClientTokenId|SignatureDoesNotMatch|UnrecognizedClient|InvalidSignature|MissingAuthenticationToken)/,
    retry: 'never',
    sentence: ({ words }) => `AWS does not accept the credentials: ${words}`,
  },
  { names: /^NoSuchHostedZone$/, retry: 'never', sentence: ({ zone }) => `there is no hosted zone ${zone}` },
];
