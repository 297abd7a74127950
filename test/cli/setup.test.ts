import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from '@jest/globals';
// @ts-expect-error: plain JavaScript, which runs before anything is installed
import { dependenciesAreCurrent, installCommands } from '../../bin/setup/dependencies.mjs';
// @ts-expect-error: plain JavaScript
import { findNode, mainProgram, noNodeMessage, packageRoot, runsOnRecentNode } from '../../bin/setup/node.mjs';
// @ts-expect-error: plain JavaScript
import { withoutServiceStarts } from '../../bin/setup/policyFile.mjs';
// @ts-expect-error: plain JavaScript
import { run } from '../../bin/setup/run.mjs';
// @ts-expect-error: plain JavaScript
import { cannotInstall, missingPackages } from '../../bin/setup/systemPackages.mjs';

const folder = mkdtempSync(join(tmpdir(), 'warren-setup-'));
const root = join(folder, 'root');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('npm start', () => {
  test('explains itself at once, with nothing installed', () => {
    const start = join(packageRoot, 'bin', 'start.mjs');
    const { status, stdout } = spawnSync(process.execPath, [start, '--help'], { cwd: folder, encoding: 'utf8' });
    expect(status).toBe(0);
    expect(stdout).toMatch(/^Usage: npm start/);
  });
});

describe('the npm packages', () => {
  const packages = (version: string) => ({
    packages: {
      '': {},
      'node_modules/zod': { version },
      'node_modules/jest': { version: '1.0.0', dev: true },
      'node_modules/other-platform': { version: '1.0.0', optional: true },
    },
  });
  function installed(list: unknown): void {
    mkdirSync(join(root, 'node_modules'), { recursive: true });
    writeFileSync(join(root, 'node_modules', '.package-lock.json'), JSON.stringify(list));
  }
  beforeEach(() => {
    rmSync(root, { recursive: true, force: true });
    mkdirSync(root);
    writeFileSync(join(root, 'package-lock.json'), JSON.stringify(packages('2.0.0')));
  });

  test('are to be installed into a fresh checkout', () => {
    expect(dependenciesAreCurrent(root)).toBe(false);
  });

  test('are to be installed again when one is not as the lock says', () => {
    installed(packages('1.9.0'));
    expect(dependenciesAreCurrent(root)).toBe(false);
  });

  test('are current without those of other platforms, and without those for development unless these are needed', () => {
    installed({ packages: { 'node_modules/zod': { version: '2.0.0' } } });
    expect(dependenciesAreCurrent(root)).toBe(true);
    expect(dependenciesAreCurrent(root, { development: true })).toBe(false);
  });

  test('are installed by the npm that is running, and by `npm install` when the lock does not fit', () => {
    const [first, second] = installCommands({}, { npm_execpath: '/npm-cli.js' });
    expect(first.slice(0, 3)).toEqual([process.execPath, '/npm-cli.js', 'ci']);
    expect(second[2]).toBe('install');
    expect(installCommands({ development: true }, {})[0]).toContain('--include=dev');
  });
});

describe('Node.js', () => {
  test.each([
    ['24.0.0', true],
    ['26.1.0', true],
    ['20.20.2', false],
  ])('%s is recent enough: %s', (version, enough) => {
    expect(runsOnRecentNode(version)).toBe(enough);
  });

  test('runs the source in a clone, and in an installed package what was built from it', () => {
    expect(mainProgram()).toBe(join(packageRoot, 'cli', 'main.ts'));
    expect(mainProgram(folder)).toBe(join(folder, 'dist', 'package', 'cli', 'main.js'));
  });

  test('that is too old is told what to do, which is less in an installed package', () => {
    expect(noNodeMessage(packageRoot, '20.0.0')).toContain(`Run "npm ci" in ${packageRoot}`);
    expect(noNodeMessage(folder, '20.0.0')).toBe(
      'Warren needs Node.js 24 or later, and this is 20.0.0. Please install Node.js 24.',
    );
  });

  test('comes with a clone when this one is too old', () => {
    expect(findNode(join(folder, 'empty'), '20.0.0')).toBeUndefined();
    mkdirSync(join(folder, 'full', 'node_modules', '.bin'), { recursive: true });
    writeFileSync(join(folder, 'full', 'node_modules', '.bin', 'node'), '');
    expect(findNode(join(folder, 'full'), '20.0.0')).toBe(join(folder, 'full', 'node_modules', '.bin', 'node'));
  });
});

describe('RabbitMQ and HAProxy', () => {
  const programs = join(folder, 'programs');
  function provide(...names: string[]): void {
    mkdirSync(programs, { recursive: true });
    for (const name of names) {
      writeFileSync(join(programs, name), '');
      chmodSync(join(programs, name), 0o755);
    }
  }

  test('are missing where their programs are', () => {
    provide('haproxy');
    expect(missingPackages({}, programs, [])).toEqual(['rabbitmq-server', 'nftables', 'erlang-base']);
  });

  test('are enough without nftables', () => {
    provide('haproxy', 'rabbitmq-server', 'epmd');
    expect(missingPackages({}, programs, [])).toEqual([]);
  });

  test('need socat, curl, BIND and Java for their tests only', () => {
    expect(missingPackages({ development: true }, programs, [])).toEqual([
      'nftables',
      'socat',
      'curl',
      'bind9',
      'default-jre-headless',
    ]);
  });

  test('are tested without Java where the rest is there', () => {
    provide('socat', 'curl', 'named');
    expect(missingPackages({ development: true }, programs, [])).toEqual([]);
  });

  const linux = { platform: 'linux', hasApt: true, privileged: true };
  test('are installed by root on a system with apt', () => {
    expect(cannotInstall(['haproxy'], linux)).toBeUndefined();
  });

  test('are to be installed by hand elsewhere, and it says which', () => {
    expect(cannotInstall(['haproxy'], { ...linux, privileged: false })).toContain('sudo apt-get install haproxy');
    expect(cannotInstall(['haproxy'], { ...linux, hasApt: false })).toContain('Please install haproxy');
    expect(cannotInstall(['haproxy'], { ...linux, platform: 'darwin' })).toContain('Linux only');
  });
});

describe('the file that forbids services to start', () => {
  const file = join(folder, 'policy-rc.d');
  beforeEach(() => rmSync(file, { force: true }));

  test('is there during the installation only, and forbids', async () => {
    const answer = await withoutServiceStarts([], async () => spawnSync(file).status, file);
    expect({ answer, left: existsSync(file) }).toEqual({ answer: 101, left: false });
  });

  test('goes away when the installation fails', async () => {
    await expect(withoutServiceStarts([], () => run(['false']), file)).rejects.toThrow('false: it ended with code 1');
    expect(existsSync(file)).toBe(false);
  });

  test('stays as it is when somebody else put it there', async () => {
    writeFileSync(file, '#!/bin/sh\nexit 0\n');
    await withoutServiceStarts([], async () => undefined, file);
    expect(readFileSync(file, 'utf8')).toBe('#!/bin/sh\nexit 0\n');
  });
});
