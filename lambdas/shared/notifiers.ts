import type { Delivery, OnUndelivered } from '../../adapters/notify/delivery.ts';
import { createSnsNotifier } from '../../adapters/notify/sns.ts';
import { createWebhookNotifier } from '../../adapters/notify/webhook.ts';
import { systemClock } from '../../adapters/system/clock.ts';
import type { Notifier } from '../../core/flow/ports.ts';
import type { Config, NotifyConfig } from '../../core/model/config.ts';
import type { WarrenEvent } from '../../core/model/event.ts';
import { type SecretSource, secretText } from './credentials.ts';

/** A destination of notifications, by its place in the configuration: its URL may be a secret. */
export interface Destination {
  path: string;
  pair: string;
  notifier: Delivery;
}

/** Every configured destination. What one cannot deliver is told to `local` alone. */
export function destinationsOf({ pairs }: Config, source: SecretSource, local: Notifier): Destination[] {
  return pairs.flatMap((pair, pairIndex) =>
    pair.notify.map((config, index) => {
      const path = `pairs[${pairIndex}].notify[${index}]`;
      const onUndelivered: OnUndelivered = (event, reason) => local.notify(undelivered(path, event, reason));
      return { path, pair: pair.name, notifier: deliveryOf(config, source, onUndelivered) };
    }),
  );
}

function deliveryOf(config: NotifyConfig, source: SecretSource, onUndelivered: OnUndelivered): Delivery {
  const shared = { clock: systemClock, random: Math.random, onUndelivered };
  const { sns, webhook } = config;
  if (sns) return createSnsNotifier({ config: sns, ...shared });
  if (!webhook) throw new Error('a destination of notifications is of no kind that is known');
  const { url, secret } = webhook;
  return createWebhookNotifier({
    config: webhook,
    url: () => secretText(url, source),
    secret: secret === undefined ? null : () => secretText(secret, source),
    ...shared,
  });
}

function undelivered(path: string, { pair, sentence }: WarrenEvent, reason: string): WarrenEvent {
  const text = `${path} could not be told: ${reason}. What it was not told: ${sentence}`;
  return {
    atMs: systemClock.nowMs(),
    pair,
    kind: 'service',
    severity: 'warning',
    sentence: text,
    data: { path, reason },
  };
}

/** Tells the output of the service first, then every destination of the pair; what concerns no single pair, all. */
export function notifierFor(local: Notifier, destinations: Destination[]): Notifier {
  return {
    notify(event) {
      local.notify(event);
      for (const { pair, notifier } of destinations)
        if (event.pair === '' || event.pair === pair) notifier.notify(event);
    },
  };
}
