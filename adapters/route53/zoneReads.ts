import type { Budget } from '../../core/flow/budget.ts';
import type { Clock } from '../../core/flow/ports.ts';
import type { Route53TargetConfig } from '../../core/model/targets/route53.ts';
import { listPublished, type Page, type Published } from './list.ts';
import type { Pace } from './pace.ts';
import { readEveryMs } from './rates.ts';

/** How long a reading lets flips go first: a pair whose reading waits for long is slow to begin its own move. */
const yieldMsMax = 300;

export interface ZoneReads {
  /** What is published of a record now or later: never what was listed before it was asked for. @throws what `page` throws */
  read(config: Route53TargetConfig, budget: Budget, page: Page): Promise<Published>;
}

export interface ZoneReadsOptions {
  clock: Clock;
  pace: Pace;
  /** @default `readEveryMs` */
  everyMs?: number | undefined;
}

/** Whoever reads a record again so soon is moving it, or about to, and may read twice as often. */
const soonEverys = 1.5;

interface Zone {
  /** By name of a record, when it was last asked for. */
  askedAtMs: Map<string, number>;
  /** When the listings until now would be over, had they been sent one by one. */
  busyUntilMs: number;
  /** A listing that was not sent yet: whoever asks now is answered by it too. */
  waiting: { configs: Route53TargetConfig[]; listing: Promise<Published[]> } | null;
}

/**
 * Readings of one zone that come while another one waits for its turn are one listing. An answer is not kept for those who come
 * later: it may be older than the pair's record, and then what Warren itself has changed looks like somebody else's edit.
 */
export function createZoneReads({ clock, pace, everyMs = readEveryMs }: ZoneReadsOptions): ZoneReads {
  const zones = new Map<string, Zone>();

  /** Two may follow each other at once, as those of a failover do: before it is claimed, and once more to be sure. */
  async function turn(zone: Zone, isSoon: boolean, mostMs: number): Promise<void> {
    const nowMs = clock.monotonicMs();
    const waitMs = Math.min(zone.busyUntilMs - everyMs - nowMs, mostMs);
    zone.busyUntilMs = Math.max(zone.busyUntilMs, nowMs) + (isSoon ? everyMs / 2 : everyMs);
    if (waitMs > 0) await clock.sleep(Math.ceil(waitMs));
    await pace.turn(Math.min(mostMs - Math.max(0, waitMs), yieldMsMax));
  }

  function begin(zone: Zone, isSoon: boolean, budget: Budget, page: Page): NonNullable<Zone['waiting']> {
    const configs: Route53TargetConfig[] = [];
    const list = async () => {
      // The other half is for the answer.
      await turn(zone, isSoon, budget.leftMs() / 2);
      zone.waiting = null;
      return await listPublished(configs, spendingFurther(pace, page));
    };
    return { configs, listing: list() };
  }

  return {
    async read(config, budget, page) {
      const zone = zones.get(config.zone) ?? { askedAtMs: new Map(), busyUntilMs: 0, waiting: null };
      zones.set(config.zone, zone);
      const nowMs = clock.monotonicMs();
      const isSoon = nowMs - (zone.askedAtMs.get(config.record) ?? Number.NEGATIVE_INFINITY) < soonEverys * everyMs;
      zone.askedAtMs.set(config.record, nowMs);
      zone.waiting ??= begin(zone, isSoon, budget, page);
      const { configs, listing } = zone.waiting;
      const place = configs.push(config) - 1;
      return (await listing)[place] as Published;
    },
  };
}

/** The first page has had its turn. The others go at once, so that the answer is of one moment, and later readings wait the longer. */
function spendingFurther(pace: Pace, page: Page): Page {
  let pages = 0;
  return (request) => {
    if (pages > 0) pace.spend();
    pages += 1;
    return page(request);
  };
}
