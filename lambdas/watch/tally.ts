import type { Ports } from '../../core/flow/ports.ts';

/** What is counted while a pair is watched. */
export interface Tally {
  /** Turns of the loop that were seen to read and write the store. */
  ticks(): number;
  /** Until the certificate that expires first does; null: no node was reached by TLS. */
  certificateDaysLeft(): number | null;
  decorate(ports: Ports): Ports;
}

export function createTally(): Tally {
  let ticks = 0;
  const daysLeft = new Map<string, number>();
  return {
    ticks: () => ticks,
    certificateDaysLeft: () => (daysLeft.size === 0 ? null : Math.min(...daysLeft.values())),
    decorate(ports) {
      const { store, prober } = ports;
      // A turn reads before it writes, and shows that it is alive by one of these.
      const counted = async (written: Promise<void>) => {
        await written;
        ticks += 1;
      };
      return {
        ...ports,
        store: {
          ...store,
          recordDecision: (row) => counted(store.recordDecision(row)),
          writeObservation: (observation) => counted(store.writeObservation(observation)),
        },
        prober: {
          ...prober,
          async probe(site, node, depth) {
            const probe = await prober.probe(site, node, depth);
            const { certificateDaysLeft: days } = probe;
            if (days !== undefined) daysLeft.set(JSON.stringify([site, node.name]), days);
            return probe;
          },
        },
      };
    },
  };
}
