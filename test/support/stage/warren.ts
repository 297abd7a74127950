import { startProcess } from '../../../bench/simulation/vantages.ts';
import type { Life, World } from '../../../bench/simulation/world.ts';
import { crashing } from '../../../cli/scenario/crashing.ts';
import type { CrashPoint } from '../../../cli/scenario/warrenProcess.ts';
import type { Ports } from '../../../core/flow/ports.ts';
import type { WarrenEvent } from '../../../core/model/event.ts';

/** The one Warren of a scenario: never more than one process at a time. */
export interface SimulatedWarren {
  /** What its processes said, in order. */
  readonly events: readonly WarrenEvent[];
  isAlive(): boolean;
  /** Starts a process that kills itself there, or one that does not. */
  start(crashAt?: CrashPoint): void;
  /** Ends the process in order. @param pass lets time pass */
  stop(pass: () => Promise<void>): Promise<void>;
}

/** Nothing is running yet. */
export function openWarren(world: World): SimulatedWarren {
  const events: WarrenEvent[] = [];
  const [vantage = ''] = world.hosts.keys();
  let life: Life | null = null;
  const isAlive = () => life?.process.isAlive() ?? false;

  const listening = (ports: Ports): Ports => ({
    ...ports,
    notifier: {
      notify(event) {
        events.push(event);
        ports.notifier.notify(event);
      },
    },
  });
  /** What was killed waits for ever where it was. */
  const die = () => {
    life?.process.kill();
    return new Promise<never>(() => {});
  };

  return {
    events,
    isAlive,
    start(crashAt) {
      const decorate = (ports: Ports) => (crashAt ? crashing(listening(ports), crashAt, die) : listening(ports));
      life = startProcess(world, vantage, decorate);
    },
    async stop(pass) {
      if (!life || !isAlive()) return;
      let hasEnded = false;
      void life.ended.then(() => {
        hasEnded = true;
      });
      life.process.stop();
      while (!hasEnded) await pass();
    },
  };
}
