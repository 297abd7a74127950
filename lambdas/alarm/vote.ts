import { configHashOf } from '../../adapters/system/configHash.ts';
import type { AlarmConfig } from '../../core/model/alarmConfig.ts';
import type { Pair } from '../../core/model/config.ts';
import type { Observation } from '../../core/model/observation.ts';
import type { AlarmChange } from './event.ts';
import type { Outcome, Tools } from './request.ts';

/**
 * Says, as the vantage that the alarm speaks for, whether the site is down. It holds until the alarm changes again; or until fresh
 * evidence is required of all, as after an operation.
 * @throws StoreUnavailable
 */
export async function vote({ store }: Tools, pair: Pair, entry: AlarmConfig, change: AlarmChange): Promise<Outcome> {
  const { site, vantage = '' } = entry;
  const record = await store.readPair(pair.name);
  await store.writeObservation({
    pair: pair.name,
    vantage,
    holder: `alarm ${change.name}`,
    sequence: change.atMs,
    atMs: change.atMs,
    configHash: configHashOf(pair),
    evidenceGeneration: record?.evidenceGeneration ?? 0,
    lasting: true,
    ...verdictOf(site, change),
  });
  // EventBridge promises no order, and keeps nobody from working at the same time: the store keeps what is newest by CloudWatch's clock.
  const kept = (await store.listObservations(pair.name)).find((observation) => observation.vantage === vantage);
  if (kept && kept.atMs > change.atMs) return { done: false, sentence: `${vantage} has said something newer already.` };
  return { done: true, sentence: sentences[change.state](vantage, site) };
}

/** Without data the alarm sees nothing, as a prober that has lost its network. */
function verdictOf(site: string, { state }: AlarmChange): Pick<Observation, 'doubt' | 'health'> {
  if (state === 'INSUFFICIENT_DATA') return { doubt: 'references-dark', health: {} };
  return { doubt: null, health: { [site]: state === 'ALARM' ? 'down' : 'up' } };
}

const sentences: Record<AlarmChange['state'], (vantage: string, site: string) => string> = {
  ALARM: (vantage, site) => `${vantage} says that ${site} is down.`,
  OK: (vantage, site) => `${vantage} says that ${site} is up.`,
  INSUFFICIENT_DATA: (vantage) => `${vantage} does not trust itself: it has no data.`,
};
