import { LabError } from './errors.ts';
import type { Lab } from './lab.ts';
import { management } from './management.ts';
import { labUsers, type SiteName, siteOf } from './topology.ts';

/** Takes every connection limit off the applications' user, on both sites: what somebody set there outlives everything. */
export async function liftLimits({ topology }: Lab): Promise<void> {
  await Promise.all(
    topology.sites.map(async ({ name, nodes }) => {
      const answers = await Promise.all(
        nodes.map((node) => management(node, `user-limits/${labUsers.app.name}/max-connections`, { method: 'DELETE' })),
      );
      // RabbitMQ answers 204 whether there was a limit or not.
      if (!answers.some(({ status }) => status === 204))
        throw new LabError(`No node of ${name} lifts connection limits.`);
    }),
  );
}

/** Sets the connection limit of the applications' user at a site, as its administrator would. */
export async function setLimit({ topology }: Lab, site: SiteName, value: number): Promise<void> {
  const [node] = siteOf(topology, site).nodes;
  if (node === undefined) throw new LabError(`${site} has no node.`);
  const path = `user-limits/${labUsers.app.name}/max-connections`;
  const answer = await management(node, path, { method: 'PUT', body: { value } });
  if (answer.status !== 204)
    throw new LabError(`${node.name} does not set a connection limit (${answer.status ?? answer.reason}).`);
}

/** The connection limit of the applications' user as each node of a site knows it; null: none. */
export async function limitsAt({ topology }: Lab, site: SiteName): Promise<(number | null)[]> {
  return Promise.all(
    siteOf(topology, site).nodes.map(async (node) => {
      const answer = await management(node, `user-limits/${labUsers.app.name}`);
      const rows = answer.status === 200 && Array.isArray(answer.body) ? answer.body : [];
      return (rows[0] as { value?: Record<string, number> } | undefined)?.value?.['max-connections'] ?? null;
    }),
  );
}
