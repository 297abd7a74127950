import { loadConfig } from '../../adapters/system/loadConfig.ts';
import type { Fencer, Ports, Store, Target } from '../../core/flow/ports.ts';
import type { PairRecord } from '../../core/model/record.ts';
import { runService } from '../service.ts';
import type { CrashPoint } from './warrenProcess.ts';

/**
 * `warren run --json` that kills itself with SIGKILL at one point of its first operation. The service itself knows
 * nothing of this: its ports are wrapped. Usage: crashingRun.ts CRASH_POINT CONFIG
 */
const [crashAt, configPath = ''] = process.argv.slice(2) as [CrashPoint, string];

const die = () => process.kill(process.pid, 'SIGKILL');

function crashingStore(store: Store): Store {
  return {
    ...store,
    async writePair(record: PairRecord) {
      const written = await store.writePair(record);
      const phase = record.operation?.phase;
      if (crashAt === 'after-claim' && phase === 'claimed') die();
      if (crashAt === 'after-commit' && phase === 'committed') die();
      return written;
    },
  };
}

function crashingTarget(target: Target): Target {
  return {
    id: target.id,
    read: () => target.read(),
    async flip(site, epoch) {
      const reading = await target.flip(site, epoch);
      if (crashAt === 'after-flip') die();
      return reading;
    },
  };
}

function crashingFencer(fencer: Fencer): Fencer {
  return {
    ...fencer,
    async set(site, users, budgetMs) {
      const reading = await fencer.set(site, users, budgetMs);
      if (crashAt === 'after-fence') die();
      return reading;
    },
  };
}

const decorate = (ports: Ports): Ports => ({
  ...ports,
  fencer: crashingFencer(ports.fencer),
  store: crashingStore(ports.store),
  targets: ports.targets.map(crashingTarget),
});

process.once('disconnect', die);

await runService({
  config: loadConfig(configPath),
  configPath,
  notifier: { notify: (event) => void process.stdout.write(`${JSON.stringify(event)}\n`) },
  signal: AbortSignal.any([]),
  decorate,
});
