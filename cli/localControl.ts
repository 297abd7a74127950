import { createHash, randomUUID } from 'node:crypto';
import { systemClock } from '../adapters/system/clock.ts';
import type { Control } from '../core/flow/control/control.ts';
import { createControl } from '../core/flow/control/local.ts';
import type { Fencer } from '../core/flow/ports.ts';
import type { Pair } from '../core/model/config.ts';
import { fenceCredentialsOf, type SecretSource } from './credentials.ts';
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
    targetsOf,
    fencer: counters.of,
    newId: randomUUID,
    fingerprint: (text) => createHash('sha256').update(text).digest('hex'),
    killSwitch: () => killSwitch.isOn(),
    close: async () => void (await Promise.all([store.close(), counters.close()])),
  });
}

/**
 * What counts connections and messages. Loaded and opened for a pair when something is to be counted, and only where a fence
 * is configured: most commands count nothing.
 */
function createCounters(secrets: SecretSource) {
  const opened = new Map<string, ReturnType<typeof openFencer>>();
  const fencerOf = (pair: Pair) => {
    const fencer = opened.get(pair.name) ?? openFencer(pair, secrets);
    opened.set(pair.name, fencer);
    return fencer;
  };
  return {
    of(pair: Pair): Pick<Fencer, 'survey'> | null {
      if (Object.values(pair.sites).every(({ fenceUsers }) => fenceUsers.length === 0)) return null;
      return { survey: async (site, budgetMs) => (await fencerOf(pair)).survey(site, budgetMs) };
    },
    close: async () => void (await Promise.all([...opened.values()].map(async (fencer) => (await fencer).close()))),
  };
}

async function openFencer(pair: Pair, secrets: SecretSource) {
  const { createFencer } = await import('../adapters/rabbitmq/fence.ts');
  const credentials = fenceCredentialsOf(pair, secrets);
  return createFencer({ pair, vantage: 'control', clock: systemClock, credentials });
}
