import { createRoute53Account, type Route53AccountOptions } from '../../../adapters/route53/account.ts';
import { createRoute53Target, type Route53Options } from '../../../adapters/route53/target.ts';
import { systemClock } from '../../../adapters/system/clock.ts';
import type { Target } from '../../../core/flow/ports.ts';
import type { Route53TargetConfig } from '../../../core/model/targets/route53.ts';
import { type Route53StandIn, type Route53Options as StandInOptions, startRoute53 } from '../../support/aws/route53.ts';
import { answersOf } from '../../support/aws/route53Answers.ts';
import { type RecordSet, recordSet } from '../../support/aws/route53Sets.ts';

export const record = 'amqp.example.com';
export const markerName = `_warren.${record}`;
export const healthChecks = { beijing: '11111111-aaaa', shanghai: '22222222-bbbb' };
export const values = { beijing: ['192.0.2.1', '192.0.2.2'], shanghai: ['198.51.100.1'] };

const simple: Omit<Route53TargetConfig, 'zone'> = {
  record,
  type: 'A',
  routing: 'simple',
  ttlMs: undefined,
  values,
  resolvers: [],
};

/** Of a target with an account of its own. */
type TargetOptions = Partial<Route53Options & Route53AccountOptions>;

/** A stand-in, and targets of its zone. */
export interface Place {
  route53: Route53StandIn;
  target(change?: Partial<Route53TargetConfig>, options?: TargetOptions): Target;
  /** What the marker says; null: there is none. */
  marker(): string | null;
  /** The values of the record over all its sets, those that are not answered too. */
  published(): string[];
  close(): Promise<void>;
}

const credentials = {
  AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
  AWS_SECRET_ACCESS_KEY: 'example',
  AWS_EC2_METADATA_DISABLED: 'true',
};

/** Makes the environment lead to a new stand-in until it is closed. */
export async function openPlace(options: StandInOptions = {}): Promise<Place> {
  // A test is not about how long the SDK takes to load.
  await import('../../../adapters/route53/sdk.ts');
  const before = { ...process.env };
  const route53 = await startRoute53({
    requestsPerSecond: 1_000,
    healthChecks: Object.values(healthChecks),
    ...options,
  });
  Object.assign(process.env, credentials, { AWS_ENDPOINT_URL_ROUTE_53: route53.url });
  const valuesOf = (name: string) => route53.sets().filter((set) => set.name === `${name}.`);
  return {
    route53,
    target(change = {}, { budgetMs = 2_400, requestTimeoutMs = Math.floor(budgetMs / 2), ...more } = {}) {
      const clock = systemClock;
      // Most tests are about one request, and not about how many there are.
      const unhurried = { readEveryMs: 0, requestsPerSecond: 1_000 };
      const account = createRoute53Account({ clock, random: () => 0.5, requestTimeoutMs, ...unhurried, ...more });
      return createRoute53Target(
        { ...simple, zone: route53.zone, ...change },
        { pair: 'trading', clock, account, budgetMs, ...more },
      );
    },
    marker: () => valuesOf(markerName)[0]?.values?.[0] ?? null,
    published: () => valuesOf(record).flatMap(({ values: list, alias }) => list ?? [alias?.name ?? '']),
    async close() {
      process.env = before;
      await route53.close();
    },
  };
}

/** One simple set of the record. */
export function simpleSet(list: string[], ttl = 30): RecordSet {
  return recordSet({ name: record, values: list, ttl });
}

/** Every state that was ever committed has an answer for the record's clients. */
export function emptyStates({ states }: Route53StandIn, type = 'A', elsewhere = {}): RecordSet[][] {
  return states.filter((sets) => (answersOf(sets, record, type, elsewhere) ?? []).length === 0);
}
