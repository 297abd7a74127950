import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of the package, whatever link this was started through. */
export const packageRoot = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/**
 * The command's program: its source in a clone; in an installed package, where Node.js strips no types, what was built from it.
 * @returns {string} its path
 */
export function mainProgram(root = packageRoot) {
  return isClone(root) ? join(root, 'cli', 'main.ts') : join(root, 'dist', 'package', 'cli', 'main.js');
}

const isClone = (root) => existsSync(join(root, 'cli', 'main.ts'));

/** The first release that runs TypeScript as it is, and has SQLite built in. */
export const leastNodeMajor = 24;

/** True when this very process is new enough. */
export function runsOnRecentNode(version = process.versions.node) {
  return Number.parseInt(version, 10) >= leastNodeMajor;
}

/**
 * A Node.js that can run Warren: this one, or the one that `npm ci` brings to a clone.
 * @returns {string | undefined} its path
 */
export function findNode(root = packageRoot, version = process.versions.node) {
  if (runsOnRecentNode(version)) return process.execPath;
  const installed = join(root, 'node_modules', '.bin', 'node');
  return existsSync(installed) ? installed : undefined;
}

/** What to say when there is none. */
export function noNodeMessage(root = packageRoot, version = process.versions.node) {
  const wanted = `Warren needs Node.js ${leastNodeMajor} or later, and this is ${version}.`;
  const install = `install Node.js ${leastNodeMajor}.`;
  return isClone(root)
    ? `${wanted} Run "npm ci" in ${root}, which brings one along on 64-bit Linux, or ${install}`
    : `${wanted} Please ${install}`;
}
