import { rmSync } from 'node:fs';
import type { OnProgress } from './lab.ts';
import { findLab, silent } from './lab.ts';
import { liftAllBlackholes } from './network.ts';
import { defaultLabDirectory } from './paths.ts';
import { labProcesses, signalAll } from './processes.ts';
import { until } from './wait.ts';

/**
 * Ends every process of the lab in this directory, lifts its packet rules and removes the directory, if a lab made it.
 * Also after a crash, also twice; takes a second, 15 at most. Throws a LabError if a process survives.
 */
export async function labDown(
  directory = defaultLabDirectory(),
  options: { readonly onProgress?: OnProgress } = {},
): Promise<void> {
  const { onProgress = silent } = options;
  const processes = labProcesses(directory);
  onProgress(processes.length === 0 ? 'No lab is running.' : `Ending ${processes.length} processes.`);
  // Again and again: a process may have been starting another one while we looked.
  await until(
    async () => {
      const remaining = labProcesses(directory);
      signalAll(remaining, 'SIGCONT');
      signalAll(remaining, 'SIGKILL');
      return remaining.length === 0 ? undefined : `${remaining.length} processes are left`;
    },
    { what: 'the lab to end', timeoutMs: 10_000, everyMs: 50 },
  );
  // Only where there was a lab: the rules of one that runs in another directory are not ours to lift, and a directory that
  // somebody named by mistake is not ours to remove.
  if (findLab(directory) !== undefined) {
    await liftAllBlackholes();
    rmSync(directory, { recursive: true, force: true, maxRetries: 3 });
  }
  onProgress('The lab is down.');
}
