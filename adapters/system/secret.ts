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
 * Gets the text of references that need AWS (`secretsmanager:`, `ssm:`). Rejects where it cannot be had; the message of an
 * error named SecretUnavailable goes on after the reference.
 */
export type AwsSecrets = (reference: string) => Promise<string>;

/**
 * Resolves a reference to credentials, written as `user:password` or as JSON with username and password.
 * One newline at the end of a file is not part of the secret.
 * @param folder where a relative PATH starts: the folder of the configuration file
 * @param aws for references that need AWS; without it they cannot be had
 * @throws SecretError when there is nothing there, or when it is neither form
 */
export async function resolveSecret(
  reference: string,
  environment: Record<string, string | undefined>,
  folder: string = process.cwd(),
  aws?: AwsSecrets,
): Promise<Credentials> {
  return parse(reference, await resolveText(reference, environment, folder, aws));
}

/**
 * Resolves `env:NAME`, `file:PATH`, `secretsmanager:ARN[#jsonKey]` or `ssm:NAME` to the text that is there, without one
 * newline at the end of a file. Parameters as those of `resolveSecret`. @throws SecretError when there is nothing there
 */
export async function resolveText(
  reference: string,
  environment: Record<string, string | undefined>,
  folder: string = process.cwd(),
  aws?: AwsSecrets,
): Promise<string> {
  const [, scheme, rest = ''] = reference.match(/^(\w+):(.*)$/s) ?? [];
  switch (scheme) {
    case 'env':
      return environment[rest] || fail(reference, 'this environment variable is not set');
    case 'file':
      return await readSecretFile(reference, resolve(folder, rest));
    case 'secretsmanager':
    case 'ssm':
      return await askAws(reference, aws);
    default:
      // What was written instead of a reference may be the secret itself.
      return fail('(hidden)', 'not a reference; expected env:NAME, file:PATH, secretsmanager:ARN or ssm:NAME');
  }
}

async function askAws(reference: string, aws: AwsSecrets | undefined): Promise<string> {
  if (!aws) return fail(reference, 'not available here; use env: or file:');
  try {
    return await aws(reference);
  } catch (error) {
    const { name, message } = error as Error;
    // What nobody foresaw may say anything.
    return fail(reference, name === 'SecretUnavailable' ? message : 'it cannot be had from AWS');
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
