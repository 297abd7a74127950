import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { resolveSecret, resolveText, SecretError } from '../../../adapters/system/secret.ts';

const folder = mkdtempSync(join(tmpdir(), 'warren-secret-'));
afterAll(() => rmSync(folder, { recursive: true }));

test.each([
  ['user and password', 'monitor:hunter2', { username: 'monitor', password: 'hunter2' }],
  ['a password with colons and spaces', 'monitor: a:b ', { username: 'monitor', password: ' a:b ' }],
  ['JSON', '{"username":"monitor","password":"hun\\"ter2","extra":1}', { username: 'monitor', password: 'hun"ter2' }],
])('%s is read from the environment and from a file, without one final newline', async (_, text, credentials) => {
  expect(await resolveSecret('env:PROBE', { PROBE: text })).toEqual(credentials);
  for (const end of ['', '\n', '\r\n']) {
    writeFileSync(join(folder, 'probe'), `${text}${end}`);
    expect(await resolveSecret(`file:${join(folder, 'probe')}`, {})).toEqual(credentials);
    expect(await resolveSecret('file:probe', {}, folder)).toEqual(credentials);
  }
});

test.each([
  ['env:PROBE', {}, /^env:PROBE: this environment variable is not set$/],
  ['env:PROBE', { PROBE: '' }, /not set/],
  ['file:/nowhere/probe', {}, /^file:\/nowhere\/probe: the file cannot be read \(ENOENT\)$/],
  ['secretsmanager:arn:aws:x', {}, /^secretsmanager:arn:aws:x: not available here/],
  ['ssm:/warren/probe', {}, /not available here/],
])('%s that cannot be had is a SecretError that names the reference', async (reference, environment, message) => {
  const asked = resolveSecret(reference, environment);
  await expect(asked).rejects.toThrow(SecretError);
  await expect(asked).rejects.toThrow(message);
});

test.each([
  'hunter2',
  ':hunter2',
  'hunter2:',
  '{"username":"x","password":hunter2}',
  '{"password":"hunter2"}',
  '["hunter2"]',
])('a malformed secret is refused without repeating it', async (text) => {
  const error = await resolveSecret('env:PROBE', { PROBE: text }).catch((reason: unknown) => reason);
  expect(String(error)).toMatch(/^SecretError: env:PROBE: expected user:password, or JSON/);
  expect(`${String(error)} ${JSON.stringify(error)} ${(error as Error).cause}`).not.toContain('hunter2');
});

describe('a reference that needs AWS', () => {
  const references = ['secretsmanager:arn:aws:x#key', 'ssm:/warren/probe'];

  test.each(references)('%s is asked of whoever knows, in both forms of a login', async (reference) => {
    const ask = async (asked: string) => (asked === reference ? '{"username":"monitor","password":"hunter2"}' : '');
    expect(await resolveText(reference, {}, folder, ask)).toContain('hunter2');
    expect(await resolveSecret(reference, {}, folder, ask)).toEqual({ username: 'monitor', password: 'hunter2' });
  });

  test.each(references)('%s says why it cannot be had, and nothing that nobody foresaw', async (reference) => {
    const known = Object.assign(new Error('access is denied'), { name: 'SecretUnavailable' });
    const ask = (error: Error) => resolveText(reference, {}, folder, () => Promise.reject(error));
    await expect(ask(known)).rejects.toThrow(new SecretError(`${reference}: access is denied`));
    await expect(ask(new Error('hunter2'))).rejects.toThrow(new SecretError(`${reference}: it cannot be had from AWS`));
  });
});

test('a secret written where a reference belongs is not repeated', async () => {
  await expect(resolveSecret('hunter2', {})).rejects.toThrow(/^\(hidden\): not a reference/);
});
