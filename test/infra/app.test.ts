import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';

const examplePath = new URL('../../examples/cdk/warren.yaml', import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), 'warren-app-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Without a network, where this machine lets us take it away. */
const isAlone = spawnSync('unshare', ['-rn', 'true']).status === 0;
const [command = '', ...first] = [...(isAlone ? ['unshare', '-rn'] : []), process.execPath];

/** Synthesizes in a process that has no credentials. */
function synthesize(name: string, file: string, environment: Record<string, string> = {}) {
  const outdir = join(folder, name);
  const { PATH = '' } = process.env;
  const { status, stdout, stderr } = spawnSync(
    command,
    [...first, new URL(`../../${file}`, import.meta.url).pathname],
    {
      cwd: folder,
      env: { PATH, HOME: folder, CDK_OUTDIR: outdir, ...environment },
      encoding: 'utf8',
      timeout: 60_000,
    },
  );
  const template = (stack: string) =>
    JSON.parse(readFileSync(join(outdir, `${stack}.template.json`), 'utf8')) as { Resources: Record<string, unknown> };
  return { status, stdout, stderr, template };
}

describe(`the app${isAlone ? ', without a network' : ''} and without credentials`, () => {
  test('makes the stacks of a stage from a configuration, and says which loss they survive', () => {
    const { status, stdout, stderr, template } = synthesize('app', 'infra/app.ts', { WARREN_CONFIG: examplePath });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toContain('The tables are in eu-west-1 alone: they survive the loss of every other Region');
    expect(stdout).toContain('set runbookUrl of the stage to where your people read it.');
    expect(Object.keys(template('warren-control').Resources).length).toBeGreaterThan(10);
    expect(Object.keys(template('warren-vantage-ireland').Resources).length).toBeGreaterThan(10);
  }, 60_000);

  test('tells what is wrong with a configuration in one error, without a stack trace', () => {
    const { status, stderr } = synthesize('missing', 'infra/app.ts', { WARREN_CONFIG: join(folder, 'nothing.yaml') });
    expect(status).toBe(1);
    expect(stderr).toMatch(/nothing\.yaml: 1 problem\n {2}\(file\): got no such file/);
    expect(stderr).not.toContain('    at ');
  }, 60_000);
});
