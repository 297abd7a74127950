import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * True when everything Warren needs to run is installed in the version that the lock names. npm keeps a copy of what it
 * installed in node_modules; times say nothing, a checkout changes them.
 * @param {{ development?: boolean }} [options] `development`: also what only tests and checks need
 */
export function dependenciesAreCurrent(root, { development = false } = {}) {
  const wanted = readPackages(join(root, 'package-lock.json'));
  const installed = readPackages(join(root, 'node_modules', '.package-lock.json'));
  if (!wanted || !installed) return false;
  return Object.entries(wanted)
    .filter(([path, entry]) => path !== '' && !isOptional(entry) && (development || !entry.dev))
    .every(([path, entry]) => installed[path]?.version === entry.version);
}

/** The commands that install them, best first: `npm ci` refuses a lock that does not fit, `npm install` mends it. */
export function installCommands({ development = false } = {}, environment = process.env) {
  const options = ['--no-audit', '--no-fund', '--loglevel=error', ...(development ? ['--include=dev'] : [])];
  const npm = environment.npm_execpath ? [process.execPath, environment.npm_execpath] : ['npm'];
  return [
    [...npm, 'ci', ...options],
    [...npm, 'install', ...options],
  ];
}

/** Left out where they do not fit the platform. `devOptional`: optional for some who need it, for others a dev one. */
const isOptional = ({ optional, devOptional, peer }) => Boolean(optional || devOptional || peer);

function readPackages(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).packages;
  } catch {
    return undefined;
  }
}
