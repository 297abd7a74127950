import { createHash, randomUUID } from 'node:crypto';
import { systemClock } from '../adapters/system/clock.ts';
import type { Control } from '../core/flow/control/control.ts';
import { createControl } from '../core/flow/control/local.ts';
import { createCounters } from '../lambdas/shared/counters.ts';
import { createKillSwitch } from './killSwitch.ts';
import { openForReading, type Source, targetsOf } from './source.ts';

/**
 * Control over the store beside a configuration, which a service may be using at the same time. A store that does not exist
 * yet is not created by looking, and nothing can be asked of it. @throws StoreUnavailable
 */
export function openLocalControl(source: Source, environment: NodeJS.ProcessEnv = process.env): Control {
  const { pairs, fleet } = source.config;
  const store = openForReading(source);
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
