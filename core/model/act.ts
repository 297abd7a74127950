export const actVerbs = [
  'failover',
  'switchover',
  'drill',
  'cancel',
  'approve',
  'retry',
  'ack',
  'pause',
  'resume',
  'maintenance',
  'end-maintenance',
] as const;
export type ActVerb = (typeof actVerbs)[number];

/** Who asks for something, and through what. */
export interface Caller {
  /** A person, the name of the token that was presented, or the alarm that asks. */
  who: string;
  via: 'cli' | 'api' | 'alarm';
  /** The host or the address it came from; of an alarm its ARN. */
  from: string;
}

/** Something a person did, or tried to do: one row of the audit. */
export interface Act extends Caller {
  /** Of its own; or derived from the idempotency key it came with, so that the second time finds the first. */
  id: string;
  /** Empty: it concerns every pair. */
  pair: string;
  atMs: number;
  verb: ActVerb;
  reason: string;
  /** What else was asked for: a site, overrides, a time. Contains no secret. */
  details: Record<string, unknown>;
  /** `begun`: written before the change; without an outcome, the process died in between. */
  outcome: 'begun' | 'done' | 'refused';
  /** What came of it, in one sentence. */
  sentence: string;
  /** What was answered, to answer the same when it is asked again under the same key. */
  answer: unknown;
  /** Tells whether a repeated key comes with the same request; empty: there was no key. */
  fingerprint: string;
}
