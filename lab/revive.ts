import { LabError } from './errors.ts';
import type { Lab } from './lab.ts';
import { lastWords, startMissingNodes } from './nodes.ts';
import type { LabNode } from './topology.ts';

/**
 * A function to call again and again: it starts those of the nodes that have no process. Throws a LabError with a
 * node's last words when it ended for the third time.
 *
 * Nodes of one cluster that boot at the same moment may end with `incompatible_feature_flags … badmap` (3.10.8 asks a
 * peer that has not loaded its own flags yet); a second start gets past it.
 */
export function reviver(lab: Lab, nodes: readonly LabNode[]): () => Promise<void> {
  const maximumStarts = 3;
  const starts = new Map<LabNode, number>();
  return async () => {
    for (const node of await startMissingNodes(lab, nodes)) {
      const count = (starts.get(node) ?? 0) + 1;
      starts.set(node, count);
      if (count <= maximumStarts) continue;
      throw new LabError(`${node.name} keeps ending while booting. Its last words:\n${lastWords(lab, node)}`);
    }
  };
}
