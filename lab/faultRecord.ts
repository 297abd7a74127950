import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { labPaths } from './paths.ts';
import type { SiteName } from './topology.ts';

/** A fault that was injected and not healed. */
export interface ActiveFault {
  readonly fault: string;
  readonly site: SiteName;
  readonly since: string;
}

/** The faults of the lab in this directory that were injected and not healed, oldest first. */
export function activeFaults(directory: string): readonly ActiveFault[] {
  const file = labPaths(directory).faults;
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as ActiveFault[]) : [];
}

/** Notes a fault as injected. */
export function noteFault(directory: string, fault: ActiveFault): void {
  save(directory, [...without(directory, fault.fault, fault.site), fault]);
}

/** Forgets one fault. */
export function forgetFault(directory: string, fault: string, site: SiteName): void {
  save(directory, without(directory, fault, site));
}

/** Forgets all faults. */
export function forgetAllFaults(directory: string): void {
  save(directory, []);
}

function without(directory: string, fault: string, site: SiteName): readonly ActiveFault[] {
  return activeFaults(directory).filter((active) => active.fault !== fault || active.site !== site);
}

function save(directory: string, faults: readonly ActiveFault[]): void {
  writeFileSync(labPaths(directory).faults, `${JSON.stringify(faults, undefined, 2)}\n`);
}
