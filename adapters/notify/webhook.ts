import type { Clock, Random } from '../../core/flow/ports.ts';
import type { WebhookConfig } from '../../core/model/config.ts';
import type { WarrenEvent } from '../../core/model/event.ts';
import { createDelivery, type Delivery, type OnUndelivered, Refused } from './delivery.ts';
import { formats } from './formats.ts';
import { post } from './post.ts';

export interface WebhookOptions {
  config: Pick<WebhookConfig, 'format' | 'severity'>;
  /** Resolved anew for each request, so that a rotated secret is picked up. */
  url: () => Promise<string>;
  secret: (() => Promise<string>) | null;
  clock: Clock;
  random: Random;
  onUndelivered: OnUndelivered;
}

/** Delivers events to a URL. Each request is signed where there is a secret for that. */
export function createWebhookNotifier(options: WebhookOptions): Delivery {
  const { config, clock, random, onUndelivered } = options;
  const send = (event: WarrenEvent, signal: AbortSignal) => sendOnce(options, event, signal);
  return createDelivery({ severity: config.severity, send, clock, random, onUndelivered });
}

async function sendOnce(
  { config, url, secret, clock }: WebhookOptions,
  event: WarrenEvent,
  signal: AbortSignal,
): Promise<void> {
  const key = secret ? await secret() : null;
  const body = JSON.stringify(formats[config.format](event, key));
  const signingKey = config.format === 'pagerduty' ? null : key;
  const response = await post({ url: await url(), body, key: signingKey, nowMs: clock.nowMs(), signal });
  await response.body?.cancel();
  if (response.ok) return;
  const message = `answered ${response.status}`;
  const mayPass = response.status === 408 || response.status === 429 || response.status >= 500;
  throw mayPass ? new Error(message) : new Refused(message);
}
