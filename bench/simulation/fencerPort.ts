import { FenceError, type Fencer } from '../../core/flow/ports.ts';
import type { FenceReading } from '../../core/model/fence.ts';
import type { Outside } from './outside.ts';
import { fenceUserOf } from './policy.ts';
import type { Process } from './process.ts';

/** A broker gives up what it was asked for after this long. */
export const lateWithinMs = 60_000;

/** A process's own way to the management APIs. */
export function fencerFor({ pair, fencer, brokers, judge, trouble, clock, dice }: Outside, process: Process): Fencer {
  const landLate = (site: string, limit: number | null) => {
    if (trouble.lateLimits === 0) return;
    void clock.sleep(dice.between(1_000, lateWithinMs)).then(() => fencer.setLimit(site, fenceUserOf(pair), limit));
  };
  const { through, vantage } = process;
  /** Asks the nodes that can be reached from here; the others cost the budget. */
  const reach = <T>(site: string, budgetMs: number, work: () => Promise<T>, otherwise: () => T): Promise<T> =>
    through(async () => {
      const cut = brokers.cutNodes(vantage, site).length;
      if (cut === 0) return work();
      const isCutOff = cut === pair.sites[site]?.nodes.length;
      const [answer] = await Promise.all([isCutOff ? null : work(), clock.sleep(budgetMs)]);
      return answer ?? otherwise();
    });
  const read = async (site: string, budgetMs: number, work: () => Promise<FenceReading>): Promise<FenceReading> => {
    const isCut = (node: string) => brokers.cutNodes(vantage, site).includes(node);
    const unknown = (node: string) => ({ node, verdict: 'unknown' as const, detail: 'cut off' });
    const nothing = () => ({ site, nodes: (pair.sites[site]?.nodes ?? []).map(({ name }) => unknown(name)) });
    const { nodes } = await reach(site, budgetMs, work, nothing);
    return { site, nodes: nodes.map((each) => (isCut(each.node) ? unknown(each.node) : each)) };
  };
  return {
    look: (site, users, budgetMs) => read(site, budgetMs, () => fencer.look(site, users, budgetMs)),
    readLimits: (site, users, budgetMs) =>
      reach(
        site,
        budgetMs,
        () => fencer.readLimits(site, users, budgetMs),
        () => {
          throw new FenceError('cut off');
        },
      ),
    set(site, users, budgetMs) {
      judge.onFence(site, trouble.killSwitch > 0, process.holder);
      landLate(site, 0);
      return read(site, budgetMs, () => fencer.set(site, users, budgetMs));
    },
    release(site, saved, budgetMs) {
      landLate(site, saved[fenceUserOf(pair)] ?? null);
      return read(site, budgetMs, () => fencer.release(site, saved, budgetMs));
    },
    survey: (site, users, budgetMs) =>
      reach(
        site,
        budgetMs,
        () => fencer.survey(site, users, budgetMs),
        () => ({ site, connections: null, messages: null, queues: [] }),
      ),
  };
}
