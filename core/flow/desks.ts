import { openDesk, type ProbeDesk } from './desk.ts';
import { type FenceDesk, openFenceDesk } from './fenceDesk.ts';
import type { Ports, Watch } from './ports.ts';

/** Where everything that runs beside the loop of one pair is started and collected. */
export interface Desks {
  desk: ProbeDesk;
  fences: FenceDesk;
}

export function openDesks({ prober, fencer, clock }: Ports, { pair }: Watch): Desks {
  const desk = openDesk(pair, prober, clock);
  return { desk, fences: openFenceDesk(pair, fencer, clock, () => desk.wake()) };
}
