import { conditionOf } from '../../../adapters/memory/conditions.ts';
import type { MemoryProber } from '../../../adapters/memory/prober.ts';
import type { FailureClass } from '../../../core/model/probe.ts';
import type { World } from '../world.ts';

/** How what happens to a broker looks to the fence. */
const managementOf: Partial<Record<string, 'well' | 'down' | 'silent'>> = {
  refused: 'down',
  hung: 'silent',
  unreachable: 'silent',
  well: 'well',
};

/** Whose eyes see it. A broken connection is noticed at once; a changed password or certificate by fresh connections only. */
export function obeyBroker({ pair, fencer }: World, eyes: MemoryProber[], name: string, state: string): void {
  const site = siteOf(pair, name);
  const nodes = (pair.sites[site]?.nodes ?? [])
    .map((node) => node.name)
    .filter((node) => name === site || node === name);
  const management = managementOf[state];
  for (const node of nodes) {
    if (management) fencer.setNode(site, node, management);
    for (const prober of eyes) {
      if (state === 'broken') prober.hint({ site, node, kind: 'broken', detail: 'connection closed' });
      else
        prober.setNode(site, node, state === 'well' ? null : conditionOf(state as FailureClass, pair.probe.timeoutMs));
    }
  }
}

function siteOf({ sites }: World['pair'], name: string): string {
  const site = sites[name]
    ? name
    : Object.keys(sites).find((key) => sites[key]?.nodes.some((node) => node.name === name));
  if (!site) throw new Error(`no site or node is called ${name}`);
  return site;
}
