import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of the package, whatever link this was started through. */
export const packageRoot = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** The first release that runs TypeScript as it is, and has SQLite built in. */
export const leastNodeMajor = 24;

/** True when this very process is new enough. */
export function runsOnRecentNode(version = process.versions.node) {
  return Number.parseInt(version, 10) >= leastNodeMajor;
}

/**
 * A Node.js that can run Warren: this one, or the one that is installed with the package.
 * @returns {string | undefined} its path
 */
export function findNode(root = packageRoot, version = process.versions.node) {
  if (runsOnRecentNode(version)) return process.execPath;
  const installed = join(root, 'node_modules', '.bin', 'node');
  return existsSync(installed) ? installed : undefined;
}

/** What to say when there is none. */
export function noNodeMessage(version = process.versions.node) {
  return (
    `Warren needs Node.js ${leastNodeMajor} or later, and this is ${version}. Run "npm ci" in ${packageRoot}, which brings ` +
    `one along on 64-bit Linux, or install Node.js ${leastNodeMajor}.`
  );
}
