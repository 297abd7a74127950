import type { Logger } from '@aws-lambda-powertools/logger';
import { systemClock } from '../../adapters/system/clock.ts';
import { configHashOf } from '../../adapters/system/configHash.ts';
import type { Control } from '../../core/flow/control/control.ts';
import { type Notifier, type Ports, type Store, StoreUnavailable, type Watch } from '../../core/flow/ports.ts';
import { restSecrets } from '../shared/credentials.ts';
import { loggedError } from '../shared/loggedError.ts';
import { notifierTo } from '../shared/logger.ts';
import { type Destination, destinationsOf, notifierFor } from '../shared/notifiers.ts';
import { isSwitchedOff, type Settings } from '../shared/settings.ts';
import { watchOne } from '../shared/watchOne.ts';
import { controlOf, openStore, secretsOf } from '../shared/wiring.ts';
import { type Beginning, beginningOf, continued } from './continuation.ts';
import { closingSeconds } from './contract.ts';
import { type Measured, measured } from './measure.ts';
import { unlessTold } from './repeats.ts';
import { createTally, type Tally } from './tally.ts';
import { vantagesOf } from './vantage.ts';

export interface RunOptions {
  settings: Settings;
  logger: Logger;
  /** How long to watch, in milliseconds. */
  runMs: number;
  /** How long it may take after that to end. */
  reserveMs: number;
  /** Unique among all runs: the holder of an operation that this one advances. */
  holder: string;
  publish: (pair: string, values: Measured) => void;
}

/** How far into a run its metrics are measured: late, and before the next run begins. */
const measuredAfter = 0.75;

/** What a run answers, for whoever looks at it by hand. */
export interface Summary {
  pairs: { pair: string; vantage: string; ticks: number }[];
}

interface Run extends RunOptions {
  store: Store;
  control: Control;
  destinations: Destination[];
}

/**
 * Watches every pair for a while, then closes everything it opened. Ends late rather than with something under way: what was
 * frozen in the middle of a turn would act on old evidence when it is thawed. @throws SettingsError
 */
export async function runWatches(options: RunOptions): Promise<Summary> {
  const { settings, logger, runMs, reserveMs } = options;
  const endsAtMs = systemClock.monotonicMs() + runMs + reserveMs;
  const vantages = vantagesOf(settings.config, settings.vantage);
  const store = openStore(settings);
  const destinations = destinationsOf(settings.config, secretsOf(settings), notifierTo(logger));
  const run: Run = { ...options, store, destinations, control: controlOf(settings, store) };
  const over = new AbortController();
  const done = new AbortController();
  void systemClock.sleep(runMs, done.signal).then(() => over.abort());
  try {
    const watches = settings.config.pairs.map((pair, index) => watchOf(run, pair, vantages[index] ?? ''));
    return { pairs: await Promise.all(watches.map((watch) => watchAndMeasure(run, watch, over.signal))) };
  } finally {
    done.abort();
    const leftMs = endsAtMs - systemClock.monotonicMs() - closingSeconds * 1_000;
    await Promise.all(destinations.map(({ notifier }) => notifier.close(leftMs)));
    await store.close();
    restSecrets();
  }
}

function watchOf({ settings, holder }: Run, pair: Watch['pair'], vantage: string): Watch {
  return { pair, fleet: settings.config.fleet, vantage, holder, configHash: configHashOf(pair) };
}

/** Never rejects: an error of one pair is told, and ends no other. */
async function watchAndMeasure(run: Run, watch: Watch, over: AbortSignal): Promise<Summary['pairs'][number]> {
  const { pair, vantage } = watch;
  const tally = createTally();
  const watching = watchPairOf(run, watch, tally, over);
  const measuring = measure(run, pair.name, tally, over);
  for (const result of await Promise.allSettled([watching, measuring]))
    if (result.status === 'rejected') tellError(run, pair.name, result.reason);
  return { pair: pair.name, vantage, ticks: tally.ticks() };
}

async function watchPairOf(run: Run, watch: Watch, tally: Tally, over: AbortSignal): Promise<void> {
  const { settings, store } = run;
  const beginning = await beginningOf(store, systemClock, watch.pair, watch.vantage);
  const decorate = (ports: Ports) => continued(tally.decorate(ports), beginning);
  const shared = { store, notifier: notifierOf(run, beginning, over), observeOnly: () => isSwitchedOff(settings) };
  await watchOne(watch, { secrets: secretsOf(settings), shared, decorate }, over);
}

/** Everything is logged; people are told what they were not told by the run before. */
function notifierOf({ logger, destinations }: Run, beginning: Beginning, over: AbortSignal): Notifier {
  const log = notifierTo(logger);
  const news = unlessTold(notifierFor({ notify: () => {} }, destinations), systemClock, beginning, over);
  return {
    notify(event) {
      log.notify(event);
      news.notify(event);
    },
  };
}

/** Publishes the metrics of a pair once, in time: even of a run that begins with little of it left. */
async function measure({ control, runMs, publish }: Run, pair: string, tally: Tally, over: AbortSignal): Promise<void> {
  await systemClock.sleep(runMs * measuredAfter, over);
  const [status] = await control.status(pair).catch((error) => {
    if (error instanceof StoreUnavailable) return [];
    throw error;
  });
  publish(pair, measured(tally, status));
}

function tellError({ logger }: Run, pair: string, error: unknown): void {
  logger.error(`The watch of ${pair} ended because of an error in Warren.`, { pair, ...loggedError(error) });
}
