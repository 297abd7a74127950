import { createHmac } from 'node:crypto';
import type { Clock, Notifier, Random } from '../../core/flow/ports.ts';
import type { WebhookConfig } from '../../core/model/config.ts';
import type { WarrenEvent } from '../../core/model/event.ts';
import { formats } from './formats.ts';

export interface WebhookOptions {
  config: Pick<WebhookConfig, 'format' | 'severity'>;
  /** Resolved anew for each request, so that a rotated secret is picked up. */
  url: () => Promise<string>;
  secret: (() => Promise<string>) | null;
  clock: Clock;
  random: Random;
  /** Told when an event could not be delivered. The reason names no URL: it may be a secret. */
  onUndelivered: (event: WarrenEvent, reason: string) => void;
}

/** Delivers events one after the other, in the background. */
export interface WebhookNotifier extends Notifier {
  /** Sends one event now. @throws an Error that says why it was not taken, without the URL */
  deliver(event: WarrenEvent): Promise<void>;
  /** Gives what is waiting a moment to be delivered, and ends. */
  close(): Promise<void>;
}

const waitingMax = 200;
const attemptsMax = 5;
const firstPauseMs = 1_000;
const requestTimeoutMs = 5_000;
const farewellMs = 3_000;

const order = ['info', 'warning', 'critical'];
/** Each change of health and each step is also part of a decision, an operation or a report. */
const told: WarrenEvent['kind'][] = ['service', 'decision', 'alert', 'operation', 'report'];

/** A request that the receiver refuses for good: sending it again would not help. */
class Refused extends Error {}

export function createWebhookNotifier(options: WebhookOptions): WebhookNotifier {
  const { config, clock, random, onUndelivered } = options;
  const waiting: WarrenEvent[] = [];
  const ending = new AbortController();
  let working: Promise<void> | null = null;

  const deliver = (event: WarrenEvent) => send(options, event, ending.signal);

  async function deliverWithPatience(event: WarrenEvent): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await deliver(event);
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        if (error instanceof Refused || attempt === attemptsMax || ending.signal.aborted)
          return onUndelivered(event, reason);
        await clock.sleep(firstPauseMs * 2 ** (attempt - 1) * (0.5 + random()), ending.signal);
      }
    }
  }

  async function work(): Promise<void> {
    for (let event = waiting.shift(); event; event = waiting.shift()) await deliverWithPatience(event);
    working = null;
  }

  return {
    deliver,
    notify(event) {
      if (!told.includes(event.kind) || order.indexOf(event.severity) < order.indexOf(config.severity)) return;
      if (waiting.length >= waitingMax) return onUndelivered(event, `${waitingMax} events are waiting already`);
      waiting.push(event);
      working ??= work();
    },
    async close() {
      if (working) await Promise.race([working, clock.sleep(farewellMs)]);
      ending.abort();
      await working;
    },
  };
}

/**
 * One request. Signed, where there is a secret for that, as `warren-signature: t=SECONDS,v1=HEX`, the HMAC-SHA256 of
 * `SECONDS.BODY`: a receiver can tell who sent it, and refuse one that is sent again later.
 */
async function send(
  { config, url, secret, clock }: WebhookOptions,
  event: WarrenEvent,
  ending: AbortSignal,
): Promise<void> {
  const key = secret ? await secret() : null;
  const body = JSON.stringify(formats[config.format](event, key));
  const headers: Record<string, string> = { 'content-type': 'application/json' };
  if (key !== null && config.format !== 'pagerduty') headers['warren-signature'] = signature(key, body, clock.nowMs());
  const signal = AbortSignal.any([AbortSignal.timeout(requestTimeoutMs), ending]);
  const address = await url();
  const response = await fetch(address, { method: 'POST', headers, body, signal, redirect: 'manual' }).catch(
    (error) => {
      throw new Error(
        signal.aborted ? 'no answer in time' : `no answer (${error.cause?.code ?? 'the URL is not usable'})`,
      );
    },
  );
  await response.body?.cancel();
  if (response.ok) return;
  const message = `answered ${response.status}`;
  const mayPass = response.status === 408 || response.status === 429 || response.status >= 500;
  throw mayPass ? new Error(message) : new Refused(message);
}

export function signature(key: string, body: string, nowMs: number): string {
  const seconds = Math.floor(nowMs / 1_000);
  return `t=${seconds},v1=${createHmac('sha256', key).update(`${seconds}.${body}`).digest('hex')}`;
}
