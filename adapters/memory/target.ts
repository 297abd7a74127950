import { type Clock, type Target, TargetError } from '../../core/flow/ports.ts';
import type { TargetReading } from '../../core/model/target.ts';
import { createFaults, type Fault } from './faults.ts';

/** A target that steers nothing, and can be treated as badly as a real one. */
export interface MemoryTarget extends Target {
  /** Loses what was written at run time: a new instance, back at its configured site (or at `active`). */
  restart(active?: string): void;
  /** Somebody else changes it: a site, `split` or `none`. */
  edit(active: string): void;
  /** While there is a reason it can be neither read nor flipped; null mends it. */
  makeUnreadable(reason: string | null): void;
  failNext(method: 'flip', error: Error, fault?: Fault): void;
  /** Every flip that took effect, in order. */
  readonly flips: readonly { site: string; epoch: number; atMs: number }[];
}

export interface MemoryTargetOptions {
  clock: Clock;
  /** The sites it can send traffic to. */
  sites: readonly string[];
  /** How long each read and each flip takes. */
  latencyMs?: number;
  /** Whether each flip leaves a marker, and a flip of an older epoch is refused. */
  keepsMarker?: boolean;
}

export function createMemoryTarget(id: string, initialSite: string, options: MemoryTargetOptions): MemoryTarget {
  const { clock, sites, latencyMs = 0, keepsMarker = false } = options;
  const faults = createFaults<'flip'>();
  const flips: { site: string; epoch: number; atMs: number }[] = [];
  let active = initialSite;
  let startedAtMs = clock.monotonicMs();
  let starts = 1;
  let unreadable: string | null = null;
  let markerEpoch: number | null = null;

  const pass = () => (latencyMs > 0 ? clock.sleep(latencyMs) : Promise.resolve());
  const reading = (): TargetReading =>
    unreadable !== null
      ? { target: id, status: 'unreadable', detail: unreadable }
      : {
          target: id,
          status: 'read',
          active,
          instance: `start-${starts}`,
          uptimeMs: clock.monotonicMs() - startedAtMs,
          ...(markerEpoch === null ? {} : { markerEpoch }),
          detail: `serving: ${active}`,
        };

  async function flip(site: string, epoch: number): Promise<TargetReading> {
    if (!sites.includes(site)) throw new TargetError(`${id}: has nothing of ${site}`);
    await pass();
    return faults.around('flip', async () => {
      if (unreadable !== null) throw new TargetError(`${id}: not flipped: ${unreadable}`);
      if (markerEpoch !== null && markerEpoch > epoch)
        throw new TargetError(`${id}: standing down: epoch ${markerEpoch} was here, and this is ${epoch}`);
      if (keepsMarker) markerEpoch = epoch;
      active = site;
      flips.push({ site, epoch, atMs: clock.nowMs() });
      return reading();
    });
  }

  return {
    id,
    flips,
    flip,
    read: () => pass().then(reading),
    close: async () => {},
    restart(site = initialSite) {
      active = site;
      starts += 1;
      startedAtMs = clock.monotonicMs();
    },
    edit(site) {
      active = site;
    },
    makeUnreadable(reason) {
      unreadable = reason;
    },
    failNext: faults.failNext,
  };
}
