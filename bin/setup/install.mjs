import { join, relative } from 'node:path';
import { dependenciesAreCurrent, installCommands } from './dependencies.mjs';
import { packageRoot } from './node.mjs';
import { CommandFailed, run } from './run.mjs';
import { cannotInstall, hasApt, installPackages, missingPackages, rootPrefix } from './systemPackages.mjs';

/** Something a person has to put right; the message says what. */
export class SetupError extends Error {
  name = 'SetupError';
}

/** AWS's runtime client for Node.js, which only a benchmark and tests need. */
const runtimeClient = join(packageRoot, 'bench', 'start', 'runtimeClient');

/**
 * Installs the npm packages, unless they are there as the lock names them.
 * @param {(sentence: string) => void} progress
 * @param {{ development?: boolean }} [options] `development`: also what only tests and checks need
 */
export async function installDependencies(progress, options = {}) {
  await installFolder(packageRoot, progress, options);
  if (options.development) await installFolder(runtimeClient, progress, options);
}

async function installFolder(folder, progress, options) {
  if (dependenciesAreCurrent(folder, options)) return;
  const commands = installCommands(options);
  for (const [index, command] of commands.entries()) {
    const where = relative(packageRoot, folder) || 'the project';
    progress(
      `Installing the npm packages of ${where} (${index === 0 ? 'npm ci' : 'npm install'}); this takes up to a minute.`,
    );
    try {
      await run(command, { cwd: folder });
      return;
    } catch (error) {
      if (!(error instanceof CommandFailed) || index === commands.length - 1) throw error;
    }
  }
}

/**
 * Installs RabbitMQ, HAProxy and nftables where they are missing and this can be done.
 * @param {(sentence: string) => void} progress
 * @param {{ development?: boolean }} [options] `development`: also what only tests need
 * @throws SetupError that says what to install by hand
 */
export async function installPrograms(progress, options = {}) {
  const missing = missingPackages(options);
  if (missing.length === 0 && process.platform === 'linux') return;
  const prefix = await rootPrefix();
  const reason = cannotInstall(missing, {
    platform: process.platform,
    hasApt: hasApt(),
    privileged: prefix !== undefined,
  });
  if (reason !== undefined || prefix === undefined) throw new SetupError(reason);
  progress(`Installing ${missing.join(', ')} (apt-get); no service is started.`);
  await installPackages(missing, prefix);
}
