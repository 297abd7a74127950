import { activeFaults, forgetAllFaults, forgetFault } from './faultRecord.ts';
import type { FaultName } from './faults.ts';
import { swapSites } from './foreignEdit.ts';
import { haproxyProcesses, startHaproxy } from './haproxy.ts';
import type { Lab } from './lab.ts';
import { silent } from './lab.ts';
import type { MendOptions } from './mend.ts';
import { mendSite } from './mend.ts';
import { liftAllBlackholes, liftBlackhole } from './network.ts';
import type { SiteName } from './topology.ts';
import { siteOf } from './topology.ts';

/**
 * Makes the whole lab well again: packets flow, both sites are whole, HAProxy runs. May be called at any time, also
 * when nothing is wrong. What HAProxy was told over its runtime API stays: where traffic goes is not the lab's to say
 * (`restartHaproxy` returns to the configuration file). Throws a LabError that names what is still wrong.
 */
export async function heal(lab: Lab, options: MendOptions = {}): Promise<void> {
  const { onProgress = silent } = options;
  const faults = activeFaults(lab.directory).map(({ fault, site }) => `${fault} (${site})`);
  onProgress(faults.length === 0 ? 'No fault is noted; checking everything.' : `Healing ${faults.join(', ')}.`);
  await liftAllBlackholes();
  if (haproxyProcesses(lab).length === 0) await startHaproxy(lab);
  await Promise.all(lab.topology.sites.map((site) => mendSite(lab, site, options)));
  forgetAllFaults(lab.directory);
}

/**
 * Undoes one fault and makes its site whole, whatever else was wrong with it. Unlike `heal`, it also undoes a
 * `foreign-edit`. Does nothing but check the site if the fault is not in force.
 */
export async function healFault(lab: Lab, name: FaultName, options: HealFaultOptions = {}): Promise<void> {
  const { site = 'beijing' } = options;
  const inForce = activeFaults(lab.directory).some((active) => active.fault === name && active.site === site);
  if (name === 'blackhole') await liftBlackhole(site);
  if (name === 'foreign-edit' && inForce) await swapSites(lab);
  if (haproxyProcesses(lab).length === 0) await startHaproxy(lab);
  await mendSite(lab, siteOf(lab.topology, site), options);
  forgetFault(lab.directory, name, site);
}

export interface HealFaultOptions extends MendOptions {
  readonly site?: SiteName;
}
