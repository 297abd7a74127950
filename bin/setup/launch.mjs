import { spawn } from 'node:child_process';
import { constants } from 'node:os';

const forwarded = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'];

/**
 * Runs a program in the place of this process: same terminal, signals passed on, same exit code. The channel lets it
 * notice when this process is killed.
 * @param {string} program
 * @param {string[]} programArguments
 * @returns {Promise<number>} the exit code as a shell reports it
 */
export function launch(program, programArguments) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, programArguments, { stdio: ['inherit', 'inherit', 'inherit', 'ipc'] });
    const forward = (/** @type {NodeJS.Signals} */ signal) => child.kill(signal);
    for (const signal of forwarded) process.on(signal, forward);
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      for (const name of forwarded) process.off(name, forward);
      resolve(code ?? 128 + (constants.signals[signal ?? 'SIGKILL'] ?? 0));
    });
  });
}
