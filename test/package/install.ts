import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, renameSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** This repository. */
export const root = new URL('../..', import.meta.url).pathname;

/** What a package.json says that matters to who installs it. */
export interface Manifest {
  version: string;
  dependencies: Record<string, string>;
  devDependencies: Record<string, string>;
  peerDependencies: Record<string, string>;
  peerDependenciesMeta: Record<string, { optional?: boolean }>;
}

/** Reads the package.json of a folder. */
export function manifestOf(folder: string): Manifest {
  const none = { dependencies: {}, devDependencies: {}, peerDependencies: {}, peerDependenciesMeta: {} };
  return { ...none, ...JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) };
}

/** Without a network, where this machine lets us take it away. */
const isAlone = spawnSync('unshare', ['-rn', 'true']).status === 0;

/** Runs a program to its end without a network, and with nothing of the person who runs the tests. */
export function runAlone(words: string[], cwd: string, environment: Record<string, string> = {}) {
  const [program = '', ...rest] = [...(isAlone ? ['unshare', '-rn'] : []), ...words];
  const env = { PATH: process.env.PATH ?? '', HOME: cwd, ...environment };
  const { status, stdout, stderr } = spawnSync(program, rest, { cwd, env, encoding: 'utf8', timeout: 120_000 });
  return { status, stdout, stderr };
}

/** Packs this repository as a release is packed. @returns the path of the tarball */
export function pack(into: string): string {
  const { status, stderr } = runAlone(['npm', 'pack', '--pack-destination', into], root, { HOME: into });
  const tarball = readdirSync(into).find((name) => name.endsWith('.tgz'));
  if (status !== 0 || tarball === undefined) throw new Error(`npm did not pack (${status}): ${stderr}`);
  return join(into, tarball);
}

/**
 * Installs a packed package into a folder, as npm would, but for where its dependencies come from: they are linked from this
 * repository, and only those that are named, so that one that is missing is missed. @returns where the package is
 */
export function install(tarball: string, into: string, dependencies: string[]): string {
  const place = join(into, 'node_modules', 'warren-dr');
  mkdirSync(dirname(place), { recursive: true });
  const { status, stderr } = spawnSync('tar', ['-xzf', tarball, '-C', into], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`tar did not unpack ${tarball}: ${stderr}`);
  renameSync(join(into, 'package'), place);
  link(into, dependencies);
  return place;
}

/** Links more packages of this repository into the node_modules of a folder. */
export function link(into: string, names: string[]): void {
  for (const name of names) {
    const path = join(into, 'node_modules', name);
    mkdirSync(dirname(path), { recursive: true });
    symlinkSync(join(root, 'node_modules', name), path);
  }
}
