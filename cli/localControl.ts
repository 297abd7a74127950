import { createHash, randomUUID } from 'node:crypto';
import { systemClock } from '../adapters/system/clock.ts';
import type { Control } from '../core/flow/control/control.ts';
import { createControl } from '../core/flow/control/local.ts';
import { createCounters } from '../lambdas/shared/counters.ts';
import { createKillSwitch } from './killSwitch.ts';
import { type Source, targetsOf } from './source.ts';
import { openForReading } from './store.ts';

/**
 * Control over the store of a configuration, which services may be using at the same time. A file that does not exist yet is
 * not created by looking, and nothing can be asked of it. @throws StoreUnavailable
 */
export async function openLocalControl(source: Source, environment: NodeJS.ProcessEnv = process.env): Promise<Control> {
  const { pairs, fleet } = source.config;
  const store = await openForReading(source.store);
  const killSwitch = createKillSwitch(source.configPath, environment);
  const counters = createCounters({ configPath: source.configPath, environment });
  return createControl({
    pairs,
    fleet,
    store,
    clock: systemClock,
    targetsOf: (pair) => targetsOf(pair, { configPath: source.configPath, environment }),
    fencer: counters.of,
    newId: randomUUID,
    fingerprint: (text) => createHash('sha256').update(text).digest('hex'),
    killSwitch: () => killSwitch.isOn(),
    close: async () => void (await Promise.all([store.close(), counters.close()])),
  });
}
