import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Lab } from '../lab/lab.ts';
import { labStatus } from '../lab/status.ts';
import { CommandError, exitCodes } from './failure.ts';

/** Left in the lab's folder by the demo that started it. */
const noteFile = 'demo.json';

interface DemoNote {
  pid: number;
}

/** Leaves the note by which a second start finds the first. */
export function noteDemo({ directory }: Lab): void {
  writeFileSync(join(directory, noteFile), JSON.stringify({ pid: process.pid } satisfies DemoNote));
}

/** @throws CommandError that says what is running already, and how to stop it */
export function refuseSecondDemo(endpoint: string): void {
  const { running, directory } = labStatus();
  if (!running) return;
  const pid = demoPid(directory);
  const who = pid === null ? 'A lab is running already' : `The demo is running already (process ${pid})`;
  const stop = pid === null ? '`npx warren lab down`' : `Ctrl-C there, or \`kill ${pid}\``;
  throw new CommandError(
    `${who}: clients connect to ${endpoint}, its files are in ${directory}. End it with ${stop}.`,
    exitCodes.refused,
  );
}

/** The process of the demo; null when there is none, or it is gone. */
function demoPid(directory: string): number | null {
  try {
    const { pid } = JSON.parse(readFileSync(join(directory, noteFile), 'utf8')) as DemoNote;
    process.kill(pid, 0);
    return pid;
  } catch {
    return null;
  }
}
