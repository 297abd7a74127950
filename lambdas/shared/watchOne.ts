import { createFencer } from '../../adapters/rabbitmq/fence.ts';
import { createProber } from '../../adapters/rabbitmq/prober.ts';
import { systemClock } from '../../adapters/system/clock.ts';
import type { Ports, Watch } from '../../core/flow/ports.ts';
import type { Pair } from '../../core/model/config.ts';
import { credentialsOf, fenceCredentialsOf, type SecretSource, secretText } from './credentials.ts';
import { hooksOf } from './hooks.ts';
import { superviseWatch } from './supervise.ts';
import { targetsOf } from './targets.ts';

/** Stands between a pair's watch and its ports. */
export type Decorate = (ports: Ports, pair: Pair) => Ports;

export interface WatchOneOptions {
  secrets: SecretSource;
  /** Ports that all pairs share. */
  shared: Pick<Ports, 'store' | 'observeOnly' | 'notifier'>;
  decorate?: Decorate | undefined;
}

/** Opens what only this pair needs, watches it until the signal aborts, and closes that again. */
export async function watchOne(watch: Watch, options: WatchOneOptions, signal: AbortSignal): Promise<void> {
  const { secrets, shared, decorate = (ports) => ports } = options;
  const { pair, vantage } = watch;
  const context = { clock: systemClock, secretText: (reference: string) => secretText(reference, secrets) };
  const targets = targetsOf(pair, context);
  const prober = createProber({ pair, vantage, clock: systemClock, credentials: credentialsOf(pair, secrets) });
  const fenceCredentials = fenceCredentialsOf(pair, secrets);
  const fencer = createFencer({ pair, vantage, clock: systemClock, credentials: fenceCredentials });
  try {
    const hooks = hooksOf(pair, secrets);
    const ports = { clock: systemClock, random: Math.random, prober, fencer, targets, hooks, ...shared };
    await superviseWatch(decorate(ports, pair), watch, signal);
  } finally {
    await Promise.all([prober, fencer, ...targets].map((each) => each.close()));
  }
}
