import { DnsError } from './codes.ts';

/** Shorter secrets can be guessed (RFC 8945, section 10, asks for the length of the digest; older keys have 128 bits). */
const leastBytes = 16;
const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** Why this is not the secret of a key, in base64 as `tsig-keygen` writes it; null when it is. Does not contain it. */
export function keySecretProblem(text: string): string | null {
  if (!base64.test(text.trim())) return 'the secret of the key is not base64';
  if (Buffer.from(text, 'base64').length >= leastBytes) return null;
  return `the secret of the key is shorter than ${leastBytes} bytes`;
}

/** @throws DnsError that does not contain it */
export function decodeSecret(text: string): Buffer {
  const problem = keySecretProblem(text);
  if (problem !== null) throw new DnsError(problem);
  return Buffer.from(text, 'base64');
}
