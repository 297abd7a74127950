import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { labDown } from '../../lab/down.ts';
import { defaultLabDirectory } from '../../lab/paths.ts';
import { labProcesses } from '../../lab/processes.ts';

const start = fileURLToPath(new URL('../../bin/start.mjs', import.meta.url));
const timeoutMs = 120_000;

/** A started program with everything it has said. */
interface Started {
  child: ChildProcess;
  said(): string;
  ended: Promise<number | null>;
  /** Resolves when it has said something that matches. Rejects when it ends before. */
  says(pattern: RegExp): Promise<void>;
}

function begin(...words: string[]): Started {
  const child = spawn(process.execPath, [start, ...words], { stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  const ended = new Promise<number | null>((resolve) => child.once('close', (code) => resolve(code)));
  const says = async (pattern: RegExp) => {
    const heard = new Promise<void>((resolve) => {
      const check = () => pattern.test(text) && resolve();
      child.stdout?.on('data', check);
      child.stderr?.on('data', check);
      check();
    });
    const early = ended.then((code) => {
      throw new Error(`it ended with ${code} before it said ${pattern}:\n${text}`);
    });
    await Promise.race([heard, early]);
  };
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
  return { child, said: () => text, ended, says };
}

describe('npm start', () => {
  let demo: Started;
  beforeAll(async () => {
    await labDown();
    demo = begin('--nodes', '1');
    await demo.says(/Ctrl-C here ends everything/);
    await demo.says(/Both sides are up; traffic is on beijing\./);
  }, timeoutMs);
  afterAll(async () => {
    demo.child.kill('SIGKILL');
    await labDown();
  }, timeoutMs);

  test('names the endpoint and three commands worth trying', () => {
    expect(demo.said()).toContain('amqp://127.0.9.1:5672');
    expect(demo.said().match(/^ {2}npx warren/gm)).toHaveLength(3);
  });

  test(
    'started a second time says what is running already, and leaves it alone',
    async () => {
      const second = begin('--nodes', '1');
      expect(await second.ended).toBe(3);
      expect(second.said()).toMatch(/running already.*127\.0\.9\.1:5672/);
      expect(labProcesses(defaultLabDirectory()).length).toBeGreaterThan(0);
    },
    timeoutMs,
  );

  test(
    'ended by Ctrl-C leaves no process behind',
    async () => {
      demo.child.kill('SIGINT');
      expect(await demo.ended).toBe(0);
      expect(labProcesses(defaultLabDirectory())).toEqual([]);
    },
    timeoutMs,
  );
});
