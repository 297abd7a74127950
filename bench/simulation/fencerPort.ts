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
  const unknown = (site: string): FenceReading => ({
    site,
    nodes: Object.keys(judge.limitsOf(site)).map((node) => ({ node, verdict: 'unknown', detail: 'cut off' })),
  });
  const cut = (site: string) => brokers.isCutOff(vantage, site);
  const reach = <T>(site: string, budgetMs: number, work: () => Promise<T>, otherwise: () => T): Promise<T> =>
    through(async () => {
      if (!cut(site)) return work();
      await clock.sleep(budgetMs);
      return otherwise();
    });
  return {
    look: (site, users, budgetMs) =>
      reach(
        site,
        budgetMs,
        () => fencer.look(site, users, budgetMs),
        () => unknown(site),
      ),
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
      return reach(
        site,
        budgetMs,
        () => fencer.set(site, users, budgetMs),
        () => unknown(site),
      );
    },
    release(site, saved, budgetMs) {
      landLate(site, saved[fenceUserOf(pair)] ?? null);
      return reach(
        site,
        budgetMs,
        () => fencer.release(site, saved, budgetMs),
        () => unknown(site),
      );
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
