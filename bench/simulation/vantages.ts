import { createMemoryProber, type MemoryProber } from '../../adapters/memory/prober.ts';
import type { Fencer, HookAnswer, Notifier, Ports, Prober, Store, Target } from '../../core/flow/ports.ts';
import { watchPair } from '../../core/flow/watch.ts';
import { withEndpoint } from './endpoint.ts';
import { fencerFor } from './fencerPort.ts';
import { throughNetwork } from './network.ts';
import { createProcess, newHost, type Process } from './process.ts';
import { withFailingLooks } from './reads.ts';
import { storeFor } from './storePort.ts';
import { targetFor } from './targetPort.ts';
import { countTurns } from './turns.ts';
import type { Life, Watched, World } from './world.ts';

/** As a scheduled function runs: started every minute, and longer than that, so that one takes over from the other. */
export const shortRun = { everyMs: 60_000, livesForMs: 66_000 };

/** Starts watching from every vantage, in runs as the trace says. */
export function startVantages(world: World): void {
  for (const vantage of world.hosts.keys()) {
    startProcess(world, vantage);
    if (world.trace.runs === 'short') void startRuns(world, vantage);
  }
}

/** The minutes of the vantages begin at different moments. */
async function startRuns(world: World, vantage: string): Promise<void> {
  const { clock, dice } = world;
  await clock.sleep(dice.between(shortRun.everyMs / 4, shortRun.everyMs));
  for (;;) {
    startDue(world, vantage);
    await clock.sleep(shortRun.everyMs);
  }
}

/** Starts what is due by the schedule of a vantage: one run. */
function startDue(world: World, vantage: string): void {
  const { missesRuns, doublesRuns } = world.hosts.get(vantage) ?? newHost();
  if (missesRuns > 0 || isDead(world, vantage)) return;
  for (let runs = doublesRuns > 0 ? 2 : 1; runs > 0; runs -= 1) startProcess(world, vantage);
}

/** Nothing can run at this vantage now. */
export const isDead = ({ hosts }: World, vantage: string) => (hosts.get(vantage)?.deaths ?? 0) > 0;

/**
 * Starts one more Warren process at this vantage, as the vantage is configured now.
 * @param decorate what is particular about the ports of this one
 */
export function startProcess(world: World, vantage: string, decorate = (ports: Ports) => ports): Life {
  const { trace, clock, hosts, lives, watched } = world;
  const host = hosts.get(vantage);
  if (!host) throw new Error(`there is no vantage ${vantage}`);
  const process = createProcess(clock, host, vantage, `process-${lives.length + 1}`);
  const eyes = watched.map(({ pair }) =>
    createMemoryProber({ clock: process.clock, references: pair.reference, latencyMs: 2 }),
  );
  if (trace.runs === 'short') void clock.sleep(shortRun.livesForMs).then(() => process.stop());
  const life: Life = { process, eyes, ended: Promise.resolve() };
  lives.push(life);
  showWorld(world, life);
  const loops = watched.map((each, index) => {
    const mode = host.mode ?? each.pair.failover.mode;
    const pair = { ...each.pair, failover: { ...each.pair.failover, mode } };
    const { holder } = process;
    const onTurn = () => {
      world.turns += 1;
    };
    const watch = { pair, fleet: trace.config.fleet, vantage, holder, configHash: host.mode ?? 'the same' };
    const ports = decorate(portsOf(world, each, process, eyes[index] as MemoryProber));
    return watchPair(ports, watch, countTurns(process.signal, onTurn)).catch((error) => {
      each.judge.violate('never-rejects', `${holder}: ${error instanceof Error ? error.stack : error}`);
    });
  });
  life.ended = Promise.all(loops);
  return life;
}

function portsOf(world: World, watched: Watched, process: Process, prober: MemoryProber): Ports {
  const { trouble, mutation } = world;
  const { pair, dice, targets } = watched;
  const waysTo = (site: string) =>
    trouble.impairments.filter((each) => each.vantage === process.vantage && each.site === site);
  const asIs = <T>(port: T) => port;
  const { prober: seen = asIs<Prober>, target = asIs<Target>, fencer = asIs<Fencer>, store = asIs<Store> } = mutation;
  const { notifier = asIs<Notifier> } = mutation;
  return {
    clock: process.clock,
    prober: seen(
      throughNetwork(
        withFailingLooks(withEndpoint(prober, watched, process), watched, process),
        { clock: process.clock, dice, timeoutMs: pair.probe.timeoutMs },
        waysTo,
      ),
      world,
    ),
    targets: targets.map((each) => target(targetFor(watched, each, process), world)),
    fencer: fencer(fencerFor(watched, process)),
    hooks: { before: pair.hooks.before ? () => process.through(() => askHook(world)) : null, after: null },
    store: store(storeFor(watched, process)),
    notifier: notifier(notifierFor(world, watched, process)),
    random: () => dice.next(),
    observeOnly: () => trouble.killSwitch > 0,
  };
}

function notifierFor(world: World, { pair, judge }: Watched, process: Process): Notifier {
  return {
    notify(event) {
      const { kind, sentence, data } = event;
      judge.told.onTold(process.holder, event);
      const ended = data.operation as { id: string } | undefined;
      if (kind === 'report' && ended) judge.onReport(ended.id);
      const which = world.watched.length > 1 ? [pair.name] : [];
      const who = world.lives.length > 1 ? [process.vantage, process.holder] : [];
      world.note(kind, [[...which, ...who].join(' '), sentence].filter((words) => words !== '').join(': '));
    },
  };
}

async function askHook({ clock, hook }: World): Promise<HookAnswer> {
  await clock.sleep(hook.answer === 'silent' ? 2_000 : 20);
  return hook;
}

/** Lets this process see the world as it is from its vantage. */
export function showWorld({ brokers, dark, watched }: World, { process, eyes }: Life): void {
  for (const [index, each] of eyes.entries()) {
    brokers.show(each, process.vantage);
    for (const reference of watched[index]?.pair.reference ?? [])
      each.setReference(reference, (dark.get(process.vantage) ?? 0) === 0);
  }
}

/** The process that stands for a vantage: the first that is alive. */
export function lifeAt({ lives }: World, vantage: string): Life | undefined {
  return lives.find(({ process }) => process.vantage === vantage && process.isAlive());
}
