import { systemClock } from '../../adapters/system/clock.ts';
import type { Fencer } from '../../core/flow/ports.ts';
import type { Pair } from '../../core/model/config.ts';
import { fenceCredentialsOf, type SecretSource } from './credentials.ts';

/**
 * What counts connections and messages. Loaded and opened for a pair when something is to be counted, and only where a fence
 * is configured: most commands count nothing.
 */
export function createCounters(secrets: SecretSource) {
  const opened = new Map<string, ReturnType<typeof openFencer>>();
  const fencerOf = (pair: Pair) => {
    const fencer = opened.get(pair.name) ?? openFencer(pair, secrets);
    opened.set(pair.name, fencer);
    return fencer;
  };
  return {
    of(pair: Pair): Pick<Fencer, 'survey'> | null {
      if (Object.values(pair.sites).every(({ fenceUsers }) => fenceUsers.length === 0)) return null;
      return { survey: async (...asked) => (await fencerOf(pair)).survey(...asked) };
    },
    close: async () => void (await Promise.all([...opened.values()].map(async (fencer) => (await fencer).close()))),
  };
}

async function openFencer(pair: Pair, secrets: SecretSource) {
  const { createFencer } = await import('../../adapters/rabbitmq/fence.ts');
  const credentials = fenceCredentialsOf(pair, secrets);
  return createFencer({ pair, vantage: 'control', clock: systemClock, credentials });
}
