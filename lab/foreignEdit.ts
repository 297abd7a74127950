import { haproxyCommand, haproxyServers } from './haproxy.ts';
import type { Lab } from './lab.ts';

/** Puts every server in maintenance into service and the other way round, over the runtime API. */
export async function swapSites(lab: Lab, backend = 'amqp'): Promise<void> {
  const servers = await haproxyServers(lab, backend);
  // Those that come into service first: at no moment should there be none.
  const inOrder = [...servers].sort((left, right) => Number(right.maintenance) - Number(left.maintenance));
  for (const { name, maintenance } of inOrder) {
    await haproxyCommand(lab, `set server ${backend}/${name} state ${maintenance ? 'ready' : 'maint'}`);
  }
}
