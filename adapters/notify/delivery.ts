import { within } from '../../core/flow/deadline.ts';
import type { Clock, Notifier, Random } from '../../core/flow/ports.ts';
import type { Severity } from '../../core/model/decision.ts';
import type { WarrenEvent } from '../../core/model/event.ts';

/** Told when an event could not be delivered. The reason names no URL: it may be a secret. */
export type OnUndelivered = (event: WarrenEvent, reason: string) => void;

export interface DeliveryOptions {
  /** This and what is more severe is delivered. */
  severity: Severity;
  /**
   * One attempt; it should end when the signal aborts, and is not waited for any longer.
   * @throws Refused when sending it again would not help, any other Error when it might
   */
  send: (event: WarrenEvent, signal: AbortSignal) => Promise<void>;
  clock: Clock;
  random: Random;
  onUndelivered: OnUndelivered;
}

/** Delivers events one after the other, in the background. */
export interface Delivery extends Notifier {
  /** Sends one event now. @throws an Error that says why it was not taken, without the URL */
  deliver(event: WarrenEvent): Promise<void>;
  /** Gives what is waiting a moment to be delivered, no longer than this, and ends. */
  close(withinMs?: number): Promise<void>;
}

/** A request that the receiver refuses for good: sending it again would not help. */
export class Refused extends Error {}

const waitingMax = 200;
const attemptsMax = 5;
const firstPauseMs = 1_000;
const attemptTimeoutMs = 5_000;
const farewellMs = 3_000;

const order = ['info', 'warning', 'critical'];
/** Each change of health and each step is also part of a decision, an operation or a report. */
const told: WarrenEvent['kind'][] = ['service', 'decision', 'alert', 'fence', 'operation', 'report'];

/** The queue, the bounded and jittered retry and the end that all who deliver in the background share. */
export function createDelivery({ severity, send, clock, random, onUndelivered }: DeliveryOptions): Delivery {
  const waiting: WarrenEvent[] = [];
  const ending = new AbortController();
  let working: Promise<void> | null = null;

  async function deliver(event: WarrenEvent): Promise<void> {
    const signal = AbortSignal.any([AbortSignal.timeout(attemptTimeoutMs), ending.signal]);
    await within(signal, send(event, signal));
  }

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
      if (!told.includes(event.kind) || order.indexOf(event.severity) < order.indexOf(severity)) return;
      if (waiting.length >= waitingMax) return onUndelivered(event, `${waitingMax} events are waiting already`);
      waiting.push(event);
      working ??= work();
    },
    async close(withinMs = farewellMs) {
      const mostMs = Math.max(0, Math.min(withinMs, farewellMs));
      if (working) await Promise.race([working, clock.sleep(mostMs, ending.signal)]);
      ending.abort();
      await working;
    },
  };
}
