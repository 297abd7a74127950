import { openDesk, type ProbeDesk } from './desk.ts';
import { type FenceDesk, openFenceDesk } from './fenceDesk.ts';
import { type Heartbeat, startHeartbeat } from './heartbeat.ts';
import type { Ports, Watch } from './ports.ts';

/** Where everything that runs beside the loop of one pair is started and collected. */
export interface Desks {
  desk: ProbeDesk;
  fences: FenceDesk;
  heartbeat: Heartbeat;
}

export function openDesks({ prober, fencer, clock }: Ports, { pair }: Watch, signal: AbortSignal): Desks {
  const desk = openDesk(pair, prober, clock);
  const fences = openFenceDesk(pair, fencer, clock, () => desk.wake());
  return { desk, fences, heartbeat: startHeartbeat(clock, signal) };
}
