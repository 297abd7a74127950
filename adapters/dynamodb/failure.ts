/** What the SDK says of a request that went wrong; a part of it only where there was no answer. */
interface SdkError {
  name?: string;
  message?: string;
  code?: string;
  $metadata?: { httpStatusCode?: number };
}

/**
 * - `lost`: the condition of a write did not hold
 * - `throttled`: nothing was done; it may be later
 * - `uncertain`: nobody can tell whether it was done; trying again may tell
 * - `refused`: nothing was done, and trying again will not help
 */
export type FailureKind = 'lost' | 'throttled' | 'uncertain' | 'refused';

export interface Failure {
  kind: FailureKind;
  /** Goes on after the name of the table. */
  sentence: string;
}

const wordsMax = 300;

/**
 * Error names of the DynamoDB API reference ("Common Errors", and "Errors" of PutItem, UpdateItem, Query), of the SDK's
 * credential chain, and of its configuration, with what they mean for a caller. The first that matches counts.
 */
const known: readonly [name: RegExp, kind: FailureKind, sentence: (words: string) => string][] = [
  // In a table of several Regions another Region wrote the same item at the same time (PutItem, "Errors").
  [/^(ConditionalCheckFailed|ReplicatedWriteConflict)Exception$/, 'lost', () => 'someone else wrote the item'],
  [/Throttl|ProvisionedThroughputExceeded|RequestLimitExceeded/, 'throttled', () => 'requests are throttled'],
  [/^ResourceNotFoundException$/, 'refused', () => 'there is no such table'],
  [/^AccessDenied/, 'refused', (words) => `access is denied (${words})`],
  [/^CredentialsProviderError$/, 'refused', () => 'no AWS credentials were found'],
  [/UnrecognizedClient|Signature|Token|InvalidClientTokenId/, 'refused', () => 'the AWS credentials are not accepted'],
  [/^ValidationException$/, 'refused', (words) => `the request is not valid (${words})`],
];

/** What went wrong with a request, and what that means. */
export function failureOf(error: unknown): Failure {
  const { name = 'Error', message = '', code, $metadata: { httpStatusCode: status } = {} } = error as SdkError;
  const words = shortened(message);
  const row = known.find(([pattern]) => pattern.test(name));
  if (row) return { kind: row[1], sentence: row[2](words) };
  if (message === 'Region is missing') return { kind: 'refused', sentence: 'no AWS Region is configured' };
  if (name === 'TimeoutError' || name === 'AbortError') return { kind: 'uncertain', sentence: 'no answer in time' };
  if (code !== undefined) return { kind: 'uncertain', sentence: `no answer (${code})` };
  if (status === undefined) return { kind: 'uncertain', sentence: `no answer (${words || name})` };
  // The names of what came with these say nothing more: often a page of something in between.
  if (status === 429) return { kind: 'throttled', sentence: 'requests are throttled' };
  if (status >= 500 || status < 300) return { kind: 'uncertain', sentence: `answered ${status}` };
  return { kind: 'refused', sentence: `answered ${status} ${name}` };
}

function shortened(text: string): string {
  const line = text.replace(/[\p{C}\p{Z}]+/gu, ' ').trim();
  return line.length <= wordsMax ? line : `${line.slice(0, wordsMax - 1)}…`;
}
