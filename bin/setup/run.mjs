import { spawn } from 'node:child_process';

/** A command did not end well. The message ends with what it said last. */
export class CommandFailed extends Error {
  name = 'CommandFailed';
}

/** A person or the system asked this program to stop. */
export class Interrupted extends Error {
  name = 'Interrupted';
}

const stopSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/**
 * Runs a command to its end and returns what it said. When this program is asked to stop, the command is asked too, and
 * waited for: only then may be put right what it left behind.
 * @param {string[]} command
 * @param {{ cwd?: string }} [options]
 * @returns {Promise<string>} @throws CommandFailed, Interrupted
 */
export async function run([program, ...programArguments], { cwd } = {}) {
  const child = spawn(program, programArguments, { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text) => {
      said = (said + text).slice(-20_000);
    });
  let interrupted = false;
  const stop = () => {
    interrupted = true;
    child.kill('SIGTERM');
  };
  for (const signal of stopSignals) process.on(signal, stop);
  const failure = await new Promise((resolve) => {
    // A signal that cannot be delivered is an error event too, and the command goes on: only a failed start ends it.
    child.on('error', (error) => child.pid === undefined && resolve(error.message));
    child.once('close', (code, signal) =>
      resolve(code === 0 ? undefined : `it ended with ${signal ?? `code ${code}`}`),
    );
  });
  for (const signal of stopSignals) process.off(signal, stop);
  if (interrupted) throw new Interrupted('interrupted');
  if (failure === undefined) return said;
  throw new CommandFailed(`${[program, ...programArguments].join(' ')}: ${failure}\n${lastLines(said)}`.trimEnd());
}

/** Runs a command whose failure is an answer. */
export async function succeeds(command) {
  try {
    await run(command);
    return true;
  } catch (error) {
    if (error instanceof CommandFailed) return false;
    throw error;
  }
}

const lastLines = (text) => text.trimEnd().split('\n').slice(-15).join('\n');
