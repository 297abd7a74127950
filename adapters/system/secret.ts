import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';

/** What a secret reference stands for. Never logged, never stored. */
export interface Credentials {
  username: string;
  password: string;
}

/** A secret cannot be had. The message names the reference and never what it holds. */
export class SecretError extends Error {
  override readonly name = 'SecretError';
}

/**
 * Resolves `env:NAME` or `file:PATH` to credentials, written as `user:password` or as JSON with username and password.
 * One newline at the end of a file is not part of the secret.
 * @param folder where a relative PATH starts: the folder of the configuration file
 * @throws SecretError when there is nothing there, when it is neither form, or when the reference needs AWS
 */
export async function resolveSecret(
  reference: string,
  environment: Record<string, string | undefined>,
  folder: string = process.cwd(),
): Promise<Credentials> {
  return parse(reference, await resolveText(reference, environment, folder));
}

/**
 * Resolves `env:NAME` or `file:PATH` to the text that is there, without one newline at the end of a file.
 * @throws SecretError when there is nothing there, or when the reference needs AWS
 */
export async function resolveText(
  reference: string,
  environment: Record<string, string | undefined>,
  folder: string = process.cwd(),
): Promise<string> {
  const [, scheme, rest = ''] = reference.match(/^(\w+):(.*)$/s) ?? [];
  switch (scheme) {
    case 'env':
      return environment[rest] || fail(reference, 'this environment variable is not set');
    case 'file':
      return await readSecretFile(reference, resolve(folder, rest));
    case 'secretsmanager':
    case 'ssm':
      return fail(reference, 'not available in local mode yet; use env: or file:');
    default:
      // What was written instead of a reference may be the secret itself.
      return fail('(hidden)', 'not a reference; expected env:NAME or file:PATH');
  }
}

async function readSecretFile(reference: string, path: string): Promise<string> {
  try {
    return (await readFile(path, 'utf8')).replace(/\r?\n$/, '');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return fail(reference, `the file cannot be read (${code})`);
  }
}

function parse(reference: string, text: string): Credentials {
  const [username, password] = text.trimStart().startsWith('{') ? fromJson(text) : splitOnce(text);
  if (typeof username === 'string' && typeof password === 'string' && username !== '' && password !== '')
    return { username, password };
  return fail(reference, 'expected user:password, or JSON with "username" and "password"');
}

function fromJson(text: string): unknown[] {
  try {
    const { username, password } = JSON.parse(text);
    return [username, password];
  } catch {
    // The parser's own message would quote the secret.
    return [];
  }
}

/** A password may contain colons, a user name may not. */
function splitOnce(text: string): unknown[] {
  const colon = text.indexOf(':');
  return colon < 0 ? [] : [text.slice(0, colon), text.slice(colon + 1)];
}

function fail(reference: string, why: string): never {
  throw new SecretError(`${reference}: ${why}`);
}
