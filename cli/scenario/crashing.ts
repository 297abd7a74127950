import type { Fencer, Ports, Store, Target } from '../../core/flow/ports.ts';
import type { PairRecord } from '../../core/model/record.ts';
import type { CrashPoint } from './warrenProcess.ts';

/** Never returns, or never resolves. */
type Die = () => Promise<never>;

/**
 * The ports of a process that dies at one point of its first operation: right after what is named was done, and before anybody
 * knows of it. The service itself knows nothing of this. */
export function crashing(ports: Ports, crashAt: CrashPoint, die: Die): Ports {
  return {
    ...ports,
    store: crashingStore(ports.store, crashAt, die),
    fencer: crashingFencer(ports.fencer, crashAt, die),
    targets: ports.targets.map((target) => crashingTarget(target, crashAt, die)),
  };
}

function crashingStore(store: Store, crashAt: CrashPoint, die: Die): Store {
  return {
    ...store,
    async writePair(record: PairRecord) {
      const written = await store.writePair(record);
      const phase = record.operation?.phase;
      if (crashAt === 'after-claim' && phase === 'claimed') await die();
      if (crashAt === 'after-commit' && phase === 'committed') await die();
      return written;
    },
  };
}

function crashingTarget(target: Target, crashAt: CrashPoint, die: Die): Target {
  return {
    id: target.id,
    read: () => target.read(),
    close: () => target.close(),
    async flip(site, epoch) {
      const reading = await target.flip(site, epoch);
      if (crashAt === 'after-flip') await die();
      return reading;
    },
  };
}

function crashingFencer(fencer: Fencer, crashAt: CrashPoint, die: Die): Fencer {
  return {
    ...fencer,
    async set(site, users, budgetMs) {
      const reading = await fencer.set(site, users, budgetMs);
      if (crashAt === 'after-fence') await die();
      return reading;
    },
  };
}
