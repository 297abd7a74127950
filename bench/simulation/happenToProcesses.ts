import { type Beginnings, count, type Last, lastFor, type Of, showAll } from './beginnings.ts';
import type { FailoverMode } from './events.ts';
import type { Process } from './process.ts';
import { isDead, lifeAt, shortRun, startProcess } from './vantages.ts';
import type { World } from './world.ts';

/** What happens to vantages, to their hosts, and to the processes there. */
export const processBeginnings: Beginnings<
  | 'references-dark'
  | 'dead'
  | 'runs-missed'
  | 'runs-doubled'
  | 'killed'
  | 'frozen'
  | 'clock-jumps'
  | 'second-process'
  | 'reconfigured'
> = {
  'references-dark'(world, { vantage, forMs }, last) {
    darken(world, vantage, 1);
    last(forMs, () => darken(world, vantage, -1));
  },
  dead(world, { vantage, forMs }, last) {
    const host = world.hosts.get(vantage);
    if (!host) return;
    host.deaths += 1;
    for (const { process } of world.lives) if (process.vantage === vantage) process.kill();
    last(forMs, () => {
      host.deaths -= 1;
      revive(world, vantage);
    });
  },
  'runs-missed'(world, { vantage, forMs }, last) {
    const host = world.hosts.get(vantage);
    if (!host) return;
    host.missesRuns += 1;
    // The next one may be due a whole round later.
    last(forMs + shortRun.everyMs);
    lastFor(world, forMs, () => {
      host.missesRuns -= 1;
    });
  },
  'runs-doubled'({ hosts }, { vantage, forMs }, last) {
    const host = hosts.get(vantage);
    if (!host) return;
    host.doublesRuns += 1;
    last(forMs, () => {
      host.doublesRuns -= 1;
    });
  },
  killed: beginStrike,
  frozen: beginStrike,
  'clock-jumps'({ hosts, clock }, { vantage, byMs }) {
    const host = hosts.get(vantage);
    if (!host) return;
    host.wallOffsetMs += byMs;
    host.lastJump = { atMs: clock.monotonicMs(), byMs };
  },
  'second-process'(world, { vantage, forMs }, last) {
    if (isDead(world, vantage)) return;
    const { process } = startProcess(world, vantage);
    last(forMs, () => process.kill());
  },
  reconfigured(world, { vantage, mode, forMs }, last) {
    reconfigure(world, vantage, mode);
    last(forMs, () => reconfigure(world, vantage, null));
  },
};

function beginStrike(world: World, event: Of<'killed'> | Of<'frozen'>, last: Last): void {
  const { vantage, kind, nth, phase, forMs } = event;
  const strike = (process: Process) => {
    world.note('', `> ${process.holder} is ${kind}`);
    if (event.kind === 'killed') process.kill();
    else process.freeze(forMs, event.suspended);
    last(forMs, () => (kind === 'killed' ? revive(world, vantage) : process.thaw()));
  };
  if (nth === null) {
    const life = lifeAt(world, vantage);
    if (life) strike(life.process);
    return;
  }
  // Held up right before it writes means: after it read. A request that is on its way is not held up by its process.
  const at = kind === 'frozen' && phase === 'before' ? 'read' : phase;
  world.trouble.armed.push({ vantage, nth, at, strike });
  last();
}

/** As when a service is restarted with another configuration: all of its processes at once. */
function reconfigure(world: World, vantage: string, mode: FailoverMode | null): void {
  const host = world.hosts.get(vantage);
  if (!host || host.mode === mode) return;
  host.mode = mode;
  host.reconfiguredAtMs = world.clock.monotonicMs();
  const running = world.lives.filter(({ process }) => process.vantage === vantage && process.isAlive());
  for (const { process } of running) process.kill();
  if (running.length > 0) startProcess(world, vantage);
}

/** Lets the vantage be watched from again, unless it is. */
export function revive(world: World, vantage: string): void {
  if (lifeAt(world, vantage) || isDead(world, vantage)) return;
  world.note('', `> ${vantage} starts again`);
  startProcess(world, vantage);
}

function darken(world: World, vantage: string, by: number): void {
  count(world.dark, vantage, by);
  const host = world.hosts.get(vantage);
  const isDark = (world.dark.get(vantage) ?? 0) > 0;
  if (!host) return;
  const nowMs = world.clock.monotonicMs();
  if (!isDark && host.darkSinceMs !== null) host.lastDark = { forMs: nowMs - host.darkSinceMs, endedAtMs: nowMs };
  host.darkSinceMs = isDark ? (host.darkSinceMs ?? nowMs) : null;
  showAll(world);
}
