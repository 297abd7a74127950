import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { systemClock } from '../adapters/system/clock.ts';
import { configHashOf } from '../adapters/system/configHash.ts';
import type { Notifier, Watch } from '../core/flow/ports.ts';
import type { Config, Pair } from '../core/model/config.ts';
import { formatStore, type StoreConfig } from '../core/model/storeConfig.ts';
import { ListenError } from '../lambdas/shared/listen.ts';
import { destinationsOf, notifierFor } from '../lambdas/shared/notifiers.ts';
import { type Decorate, watchOne } from '../lambdas/shared/watchOne.ts';
import { requireSecrets, secretText } from './credentials.ts';
import { CommandError, exitCodes } from './failure.ts';
import { createKillSwitch } from './killSwitch.ts';
import { openLocalControl } from './localControl.ts';
import { announceEnd, announceStart, toldKillSwitch } from './serviceNews.ts';
import { openStore, storeOf } from './store.ts';
import { vantagesOf } from './vantage.ts';

export interface ServiceOptions {
  config: Config;
  /** The file it comes from: secrets, the store and the kill switch are relative to it. */
  configPath: string;
  notifier: Notifier;
  /** Ends the service. */
  signal: AbortSignal;
  /** This prober's own name; by default the only one that is configured. */
  vantage?: string | undefined;
  /** Instead of the store that the configuration names: a file, or tables as `--store` takes them. */
  store?: string | undefined;
  environment?: NodeJS.ProcessEnv;
  /** Stands between a pair's watch and its ports, for tests and scenarios. */
  decorate?: Decorate;
}

/**
 * The local service: watches every pair until the signal aborts, then closes everything it opened.
 * @throws CommandError, SecretError, StoreUnavailable when it cannot begin; nothing was probed then
 */
export async function runService(options: ServiceOptions): Promise<void> {
  const { config, configPath, signal, environment = process.env } = options;
  const vantages = vantagesOf(config, options.vantage);
  await requireSecrets(config, { configPath, environment });
  const place = storeOf(config, configPath, options.store);
  const store = await openStore(place);
  const destinations = destinationsOf(config, { configPath, environment }, options.notifier);
  const notifier = notifierFor(options.notifier, destinations);
  let closeApi = async () => {};
  try {
    const killSwitch = createKillSwitch(configPath, environment);
    const watches = config.pairs.map((pair, index) => watchOf(config, pair, vantages[index] ?? ''));
    announceStart(notifier, watches, formatStore(place));
    closeApi = await openApi(options, place, notifier);
    const observeOnly = toldKillSwitch(killSwitch, notifier);
    const [shared, secrets] = [
      { store, observeOnly, notifier },
      { configPath, environment },
    ];
    const ends = watches.map((watch) => watchOne(watch, { secrets, shared, decorate: options.decorate }, signal));
    const failed = (await Promise.allSettled(ends)).find(({ status }) => status === 'rejected');
    if (failed?.status === 'rejected') throw failed.reason;
    announceEnd(notifier, signal);
  } finally {
    await closeApi();
    await store.close();
    await Promise.all(destinations.map((destination) => destination.notifier.close()));
  }
}

/** Serves the API, where one is configured. @returns what ends it and waits for that @throws CommandError */
async function openApi(
  { config, configPath, signal, environment = process.env }: ServiceOptions,
  store: StoreConfig,
  notifier: Notifier,
): Promise<() => Promise<void>> {
  if (config.api === undefined) return async () => {};
  // Loaded only where it is wanted: most of what it needs is needed by nothing else.
  const { serveApi } = await import('../lambdas/api/local.ts');
  const control = await openLocalControl({ config, configPath, store }, environment);
  const secret = (reference: string) => secretText(reference, { configPath, environment });
  try {
    const served = await serveApi({ api: config.api, control, clock: systemClock, secret, notifier, signal });
    return async () => {
      await served.close();
      await control.close();
    };
  } catch (error) {
    await control.close();
    throw error instanceof ListenError ? new CommandError(error.message, exitCodes.failed) : error;
  }
}

function watchOf({ fleet }: Config, pair: Pair, vantage: string): Watch {
  const holder = `${hostname()}:${process.pid}:${randomUUID().slice(0, 8)}`;
  return { pair, fleet, vantage, holder, configHash: configHashOf(pair) };
}
