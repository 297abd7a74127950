import type { Broken } from './checkRecord.ts';
import { fenceUserOf } from './policy.ts';
import type { Dice } from './random.ts';
import type { Watched } from './world.ts';

/** An application: it keeps its connection while it can, and looks up the address anew when the answer it has is too old. */
interface Client {
  ttlMs: number;
  /** The answer it has, and since when; null: none yet, or one that leads nowhere. */
  answer: string | null;
  askedAtMs: number;
  /** Where it is connected. */
  at: string | null;
  /** Since when its connection says nothing. */
  silentSinceMs: number | null;
}

/** The applications of one pair. */
export interface Clients {
  /** Lets them do what they would do by now, and says what should not be. */
  go(watched: Watched): Promise<Broken[]>;
  /** How long no client was served, each time that traffic moved by itself meanwhile. */
  readonly outagesMs: readonly number[];
}

/** Heartbeats give up a silent connection after about this long. */
const silentForMs = 10_000;
/** A fence is looked at, and set again, this often. */
const fencedWithinMs = 40_000;

export function createClients(dice: Dice): Clients {
  const clients = Array.from({ length: 3 }, () => newClient(dice.pick([0, 5_000, 30_000])));
  const outagesMs: number[] = [];
  let unserved: { sinceMs: number; desired: string | null } | null = null;

  function noteOutage({ clock, brokers, judge }: Watched): void {
    const isServed = clients.some(({ at }) => at !== null && brokers.deadSinceMs(at) === null);
    const { desired } = judge.record();
    if (!isServed) unserved ??= { sinceMs: clock.monotonicMs(), desired };
    else if (unserved !== null) {
      if (judge.movedSince(unserved.sinceMs)) outagesMs.push(clock.monotonicMs() - unserved.sinceMs);
      unserved = null;
    }
  }

  return {
    outagesMs,
    async go(watched) {
      const reading = await watched.targets[0]?.read();
      for (const client of clients) {
        leave(client, watched);
        if (client.at !== null) continue;
        if (reading?.status === 'read') ask(client, reading.active, watched, dice);
        connect(client, watched);
      }
      noteOutage(watched);
      return behindTheFence(clients, watched);
    },
  };
}

const newClient = (ttlMs: number): Client => ({
  ttlMs,
  answer: null,
  askedAtMs: Number.NEGATIVE_INFINITY,
  at: null,
  silentSinceMs: null,
});

/** Its connection was closed, or has said nothing for too long. */
function leave(client: Client, { clock, brokers, fencer, pair }: Watched): void {
  const user = fenceUserOf(pair);
  const { at } = client;
  if (at === null) return;
  const nowMs = clock.monotonicMs();
  if (brokers.deadSinceMs(at) === null) client.silentSinceMs = null;
  else client.silentSinceMs ??= nowMs;
  const isClosed = fencer.connections(at, user) === 0;
  const isGivenUp = client.silentSinceMs !== null && nowMs - client.silentSinceMs > silentForMs;
  if (!isClosed && !isGivenUp) return;
  if (!isClosed) fencer.disconnect(at, user);
  Object.assign(client, { at: null, silentSinceMs: null });
}

function ask(client: Client, active: string, { clock, pair }: Watched, dice: Dice): void {
  const nowMs = clock.monotonicMs();
  if (nowMs - client.askedAtMs < client.ttlMs) return;
  client.askedAtMs = nowMs;
  const answers =
    active === 'split' ? Object.keys(pair.sites) : Object.keys(pair.sites).filter((site) => site === active);
  client.answer = answers.length > 0 ? dice.pick(answers) : null;
}

function connect(client: Client, { brokers, fencer, pair }: Watched): void {
  const { answer } = client;
  if (answer === null || brokers.deadSinceMs(answer) !== null) return;
  if (fencer.connect(answer, fenceUserOf(pair), 1) === 1) client.at = answer;
}

/** Nobody is connected to a side whose fence has been in force for a while. */
function behindTheFence(clients: Client[], { clock, pair, judge }: Watched): Broken[] {
  const shut = Object.values(judge.record().fences).filter(
    ({ state, sinceMs, site }) =>
      state === 'set' && clock.nowMs() - sinceMs > fencedWithinMs && (pair.sites[site]?.fenceUsers.length ?? 0) > 0,
  );
  return shut
    .filter(({ site }) => clients.some(({ at }) => at === site))
    .map(({ site }) => ({ invariant: 'fenced-means-nobody', detail: `applications are connected to ${site}` }));
}
