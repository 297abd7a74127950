import { LabError } from './errors.ts';
import type { Lab } from './lab.ts';
import { management } from './management.ts';
import { labUsers } from './topology.ts';

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
