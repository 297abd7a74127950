import { spawnSync } from 'node:child_process';
import { mkdirSync, symlinkSync } from 'node:fs';
import { afterAll, describe, expect, test } from '@jest/globals';
import { createPlace } from './command.ts';

const place = createPlace();
afterAll(() => place.remove());

describe('the command line', () => {
  test('help lists every verb and what the exit codes mean', async () => {
    const { code, stdout } = await place.run(['--help']);
    expect(code).toBe(0);
    const reading = ['status', 'why', 'history', 'operation', 'audit'];
    const changing = ['failover', 'switchover', 'drill', 'cancel', 'ack', 'approve', 'retry', 'pause', 'resume'];
    for (const verb of ['run', 'init', 'validate', 'lab', 'demo', ...reading, ...changing])
      expect(stdout).toMatch(new RegExp(`^  ${verb} `, 'm'));
    expect(stdout).toContain('Exit codes:');
  });

  test('help fits 80 columns', async () => {
    const { stdout } = await place.run(['--help']);
    expect(stdout.split('\n').filter((line) => line.length > 80)).toEqual([]);
  });

  test('help of a change says who decides it: over HTTP whom the token names, or the signature', async () => {
    const { stdout } = await place.run(['failover', '--help']);
    expect(stdout.replace(/\s+/g, ' ')).toContain('with --url, whom the token or signature names');
  });

  test('an unknown command is bad input, with one sentence', async () => {
    const { code, stdout, stderr } = await place.run(['statsu']);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toBe("warren: unknown command 'statsu'\n(Did you mean status?)\n");
  });

  test('an unknown option is bad input', async () => {
    expect((await place.run(['status', '--colour'])).code).toBe(2);
  });

  test('a missing reason is bad input', async () => {
    const { code, stderr } = await place.run(['ack', 'demo']);
    expect(code).toBe(2);
    expect(stderr).toContain("required option '--reason <text>' not specified");
  });

  test('it starts through a symbolic link, as npm makes one', () => {
    mkdirSync(place.path('bin'));
    symlinkSync(new URL('../../bin/warren.mjs', import.meta.url).pathname, place.path('bin/warren'));
    const { status, stdout } = spawnSync(process.execPath, [place.path('bin/warren'), '--version'], {
      encoding: 'utf8',
    });
    expect({ status, stdout }).toEqual({ status: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) });
  });
});
