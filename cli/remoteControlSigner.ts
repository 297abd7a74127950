import { defaultProvider } from '@aws-sdk/credential-provider-node';
import { Sha256 } from '@smithy/core/checksum';
import { SignatureV4 } from '@smithy/signature-v4';
import { systemClock } from '../adapters/system/clock.ts';
import { withDeadline, within } from '../core/flow/deadline.ts';
import { CommandError, exitCodes } from './failure.ts';
import { oneLine } from './layout.ts';
import type { Outgoing } from './remoteControlIdentity.ts';

/** A request that is signed, and the id of the key that it was signed with. */
export interface Signed {
  request: Outgoing;
  keyId: string;
}

/**
 * Signs requests for API Gateway. Credentials come from where AWS tools have them (AWS SDKs and Tools reference guide, "Standardized
 * credential providers"), and are found again when they expire. @throws CommandError when there are none
 */
export function createSigner(region: string, timeoutMs: number): (request: Outgoing) => Promise<Signed> {
  const provider = defaultProvider({ clientConfig: { region } });
  const found = () => withDeadline(systemClock, timeoutMs, (signal) => within(signal, provider()));
  return async (request) => {
    const credentials = await found().catch((error) => {
      throw missing(error, timeoutMs);
    });
    const signer = new SignatureV4({ service: 'execute-api', region, credentials, sha256: Sha256 });
    return { request: await signedBy(signer, request), keyId: credentials.accessKeyId };
  };
}

async function signedBy(signer: SignatureV4, { method, url, headers, body }: Outgoing): Promise<Outgoing> {
  const { protocol, hostname, port, pathname, searchParams, host } = url;
  const { host: _, ...signed } = (
    await signer.sign({
      method,
      protocol,
      hostname,
      ...(port !== '' && { port: Number(port) }),
      path: pathname,
      query: Object.fromEntries(searchParams),
      headers: { ...headers, host },
      ...(body !== null && { body }),
    })
  ).headers;
  return { method, url: asSigned(url), headers: signed, body };
}

/** With the query as it is signed: of a space that is sent as `+` nobody knows whether it is one. */
function asSigned(url: URL): URL {
  const written = new URL(url);
  written.search = [...url.searchParams].map((pair) => pair.map(encoded).join('=')).join('&');
  return written;
}

/** RFC 3986: all but letters, digits and `-._~` (IAM user guide, "Create a signed AWS API request", UriEncode). */
function encoded(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`);
}

/** What the SDK says may quote the output of a program that was to print credentials: only advice to log in again is repeated. */
function missing({ message = '' }: Partial<Error>, timeoutMs: number): CommandError {
  if (message === 'no answer in time')
    return new CommandError(`No AWS credentials were found within ${timeoutMs / 1_000} s.`, exitCodes.badInput);
  const why = /\baws (sso )?login\b/.test(message) ? ` (${oneLine(message)})` : '';
  return new CommandError(`There are no AWS credentials to sign requests with${why}: ${advice}.`, exitCodes.badInput);
}

const advice = 'set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or log in with `aws sso login`';
