import type { Pair } from '../model/config.ts';
import type { Observation, OtherVantage } from '../model/observation.ts';
import type { Situation } from '../model/situation.ts';
import type { Heard, Memory } from './memory.ts';
import { type Ports, StoreUnavailable, type Watch } from './ports.ts';

/**
 * What the other configured vantages say, and whether that is news. Freshness is judged by this prober's own monotonic clock: an
 * observation is fresh while it was seen to change within that time. One that was there already when this prober first looked
 * says nothing until it changes, unless it is lasting. Nor is what changed while nobody could look as young as it looks: it counts from
 * when this prober last looked. Changes `heard`.
 */
export function hear(
  { pair, vantage }: Watch,
  heard: Heard,
  observations: Observation[],
  nowMs: number,
): OtherVantage[] {
  return pair.vantages
    .filter(({ name }) => name !== vantage)
    .map(({ name }) => {
      const observation = observations.find((each) => each.vantage === name) ?? null;
      if (!observation) return { vantage: name, standing: 'absent', observation };
      const key = `${observation.holder} ${observation.sequence}`;
      const last = heard[name];
      const now = last?.key === key ? { ...last, lookedAtMs: nowMs } : news(pair, last, { key, observation, nowMs });
      heard[name] = now;
      const { atMs, changed } = now;
      const fresh = observation.lasting === true || (changed && nowMs - atMs <= freshForMs(pair));
      return { vantage: name, standing: fresh ? 'fresh' : 'stale', observation };
    });
}

type Hearing = Heard[string];

/** What was said since the last look, if there was one. After a long pause neither its age nor its clock is known. */
function news(
  { probe }: Pair,
  last: Hearing | undefined,
  { key, observation, nowMs }: { key: string; observation: Observation; nowMs: number },
): Hearing {
  const clockMs = observation.lasting === true ? null : observation.atMs;
  const heard = { key, atMs: nowMs, lookedAtMs: nowMs, changed: last !== undefined, clockMs };
  if (!last || nowMs - last.lookedAtMs <= probe.everyMs + probe.timeoutMs) return heard;
  const atMs = last.lookedAtMs;
  const aged = last.clockMs === null ? null : last.clockMs + atMs - last.atMs;
  return { ...heard, atMs, clockMs: clockMs === null ? null : aged };
}

/** For how long what another vantage said counts. */
export const freshForMs = ({ probe }: Pair) => 2 * probe.everyMs + probe.timeoutMs;

/** Tells the other vantages what this one sees: at once when it changed, and every `every` to show that it is alive. */
export async function speak(ports: Ports, watch: Watch, memory: Memory, situation: Situation): Promise<void> {
  const { pair, vantage, holder, configHash } = watch;
  if (pair.vantages.length < 2) return;
  const nowMs = ports.clock.monotonicMs();
  const { said } = memory;
  const observation: Observation = {
    pair: pair.name,
    vantage,
    holder,
    sequence: (said?.observation.sequence ?? 0) + 1,
    atMs: ports.clock.nowMs(),
    configHash,
    evidenceGeneration: memory.window.generation,
    doubt: situation.doubt,
    health: Object.fromEntries(Object.values(memory.health).map(({ site, state }) => [site, state])),
  };
  if (said && nowMs - said.atMs < pair.probe.everyMs && saysTheSame(said.observation, observation)) return;
  try {
    await ports.store.writeObservation(observation);
    memory.said = { observation, atMs: nowMs };
  } catch (error) {
    // The next turn finds the store unavailable, and says so.
    if (!(error instanceof StoreUnavailable)) throw error;
  }
}

function saysTheSame(left: Observation, right: Observation): boolean {
  const what = ({ evidenceGeneration, doubt, health }: Observation) =>
    JSON.stringify([evidenceGeneration, doubt, health]);
  return what(left) === what(right);
}
