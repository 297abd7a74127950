import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { LabError } from './errors.ts';
import { defaultLabDirectory, labPaths } from './paths.ts';
import type { LabTopology, NodesPerSite } from './topology.ts';
import { labTopology } from './topology.ts';

/** A lab that was started: where its files are and what it consists of. */
export interface Lab {
  readonly directory: string;
  readonly topology: LabTopology;
}

/** Sentences about what is being done, for a person who waits. */
export type OnProgress = (sentence: string) => void;

export const silent: OnProgress = () => undefined;

/** The lab in this directory. Throws a LabError if none was started there. */
export function openLab(directory = defaultLabDirectory()): Lab {
  const lab = findLab(directory);
  if (lab === undefined) throw new LabError(`There is no lab in ${directory}. Start one with "warren lab up".`);
  return lab;
}

/** The lab in this directory, or undefined. */
export function findLab(directory = defaultLabDirectory()): Lab | undefined {
  const file = labPaths(directory).record;
  if (!existsSync(file)) return undefined;
  const record = JSON.parse(readFileSync(file, 'utf8')) as { nodesPerSite: NodesPerSite };
  return { directory, topology: labTopology(record.nodesPerSite) };
}

/** Throws a LabError when the directory holds something that no lab put there: it would be lost. */
export function requireOwnDirectory(directory: string): void {
  if (!existsSync(directory) || findLab(directory) !== undefined || readdirSync(directory).length === 0) return;
  throw new LabError(`${directory} is not empty and not a lab's: name another directory in WARREN_LAB_DIR.`);
}

/** Leaves the note by which `openLab` finds the lab again. */
export function recordLab(lab: Lab): void {
  writeFileSync(labPaths(lab.directory).record, `${JSON.stringify({ nodesPerSite: lab.topology.nodesPerSite })}\n`);
}
