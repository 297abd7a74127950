/** A secret cannot be had. The message goes on after the reference, and repeats no value. */
export class SecretUnavailable extends Error {
  override readonly name = 'SecretUnavailable';
  /** AWS has answered, and asking again would not help. */
  readonly isFinal: boolean;

  constructor(message: string, isFinal: boolean) {
    super(message);
    this.isFinal = isFinal;
  }
}

/** What the SDK says of a request that went wrong; a part of it only where there was no answer. */
interface SdkError {
  name?: string;
  message?: string;
  code?: string;
  $metadata?: { httpStatusCode?: number };
}

/**
 * Error names of GetSecretValue (Secrets Manager API reference, "Errors"), GetParameter (Systems Manager API reference), the
 * "Common Errors" of both, and of the SDK's credential chain. The messages of AWS name principals and keys, never values;
 * they are left out all the same.
 */
const known: readonly [name: RegExp, sentence: string, isFinal: boolean][] = [
  [/^(ResourceNotFoundException|ParameterNotFound|ParameterVersionNotFound)$/, 'there is none of this name', true],
  [/^AccessDenied/, 'access is denied', true],
  [/^(DecryptionFailure|InvalidKeyId)$/, 'it cannot be decrypted with its key', true],
  [/^InvalidRequestException$/, 'it is marked for deletion, or has no current version', true],
  [/^(InvalidParameterException|ValidationException)$/, 'AWS takes this for no name', true],
  [/^CredentialsProviderError$/, 'no AWS credentials were found', false],
  [/UnrecognizedClient|Signature|Token|InvalidClientTokenId/, 'the AWS credentials are not accepted', false],
  [/Throttl|TooManyRequests|RequestLimitExceeded/, 'requests are throttled', false],
];

/** In a sentence. */
export function unavailableOf(error: unknown, signal: AbortSignal): SecretUnavailable {
  if (error instanceof SecretUnavailable) return error;
  const { name = 'Error', message, code, $metadata: { httpStatusCode: status } = {} } = error as SdkError;
  const row = known.find(([pattern]) => pattern.test(name));
  if (row) return new SecretUnavailable(row[1], row[2]);
  if (signal.aborted || name === 'TimeoutError') return new SecretUnavailable('no answer in time', false);
  if (message === 'Region is missing') return new SecretUnavailable('no AWS Region is configured', false);
  if (code !== undefined) return new SecretUnavailable(`no answer (${code})`, false);
  return new SecretUnavailable(status === undefined ? `no answer (${name})` : `answered ${status} ${name}`, false);
}
