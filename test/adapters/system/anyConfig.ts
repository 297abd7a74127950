import fc from 'fast-check';

/** Where something stands in a configuration. */
export type Path = (string | number)[];

const anyName = fc.stringMatching(/^[a-z][a-z0-9-]{0,8}$/);
const anyReference = fc.oneof(
  fc.stringMatching(/^[A-Z]{3,8}$/).map((name) => `env:${name}`),
  fc.stringMatching(/^[a-z]{3,8}$/).map((name) => `file:secrets/${name}`),
);
const seconds = (min: number, max: number) => fc.integer({ min, max }).map((count) => `${count}s`);

const anyProbe = fc.record(
  {
    every: seconds(5, 60),
    recheck: seconds(1, 5),
    fullEvery: seconds(10, 90),
    timeout: seconds(1, 10),
    fall: fc.integer({ min: 1, max: 9 }),
    rise: fc.integer({ min: 1, max: 9 }),
    minNodes: fc.constant(1),
    alarmsAfter: seconds(0, 600),
  },
  { requiredKeys: ['every', 'recheck', 'fullEvery'] },
);

const anyFailover = fc.record(
  {
    mode: fc.constantFrom('observe', 'approve', 'automatic'),
    quorum: fc.constantFrom<string | number>('majority', 1),
    cooldown: seconds(0, 9_000),
    fenceBudget: seconds(1, 3),
  },
  { requiredKeys: [] },
);

const anyNotify = fc.array(
  fc.oneof(
    fc.record({
      webhook: fc.record({ url: anyReference, secret: anyReference, format: fc.constantFrom('json', 'slack') }),
    }),
    fc.constant({ sns: { topic: 'arn:aws:sns:eu-west-1:123456789012:warren' } }),
  ),
  { maxLength: 2 },
);

/** Nodes have addresses of their own. */
const nodesOf = (site: number, count: number) =>
  Array.from({ length: count }, (_, index) => ({
    name: `rabbit@n${site}-${index}`,
    amqp: `amqp://10.${site}.0.${index + 1}:5672`,
    management: `http://10.${site}.0.${index + 1}:15672`,
  }));

/** A configuration that is valid, as people write it. */
export const anyConfig: fc.Arbitrary<Record<string, unknown>> = fc
  .record({
    names: fc.uniqueArray(anyName, { minLength: 3, maxLength: 3 }),
    counts: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })),
    credentials: fc.tuple(anyReference, anyReference),
    probe: anyProbe,
    failover: anyFailover,
    notify: anyNotify,
    vantages: fc.uniqueArray(anyName, { maxLength: 4 }),
    fleet: fc.record({ maxFailovers: fc.integer({ min: 1, max: 20 }), window: seconds(1, 9_000) }),
    api: fc.option(fc.record({ tokens: fc.record({ name: anyName, token: anyReference }).map((token) => [token]) }), {
      nil: undefined,
    }),
  })
  .map(({ names, counts, credentials, probe, failover, notify, vantages, fleet, api }) => {
    const [name, primary = '', standby = ''] = names;
    const site = (index: 0 | 1) => ({ nodes: nodesOf(index + 1, counts[index]), probeCredentials: credentials[index] });
    const servers = { [primary]: ['a1'], [standby]: ['b1'] };
    const targets = [{ haproxy: { address: '127.0.0.1:9999', backend: 'amqp', servers } }];
    const sites = { [primary]: site(0), [standby]: site(1) };
    const pair = { name, primary, standby, sites, probe, failover, notify, vantages, targets };
    return { version: 1, fleet, ...(api ? { api } : {}), pairs: [pair] };
  });

/** Every value that is no mapping and no list, by its path. */
export function leavesOf(value: unknown, path: Path = []): Path[] {
  if (Array.isArray(value)) return value.flatMap((each, index) => leavesOf(each, [...path, index]));
  if (typeof value !== 'object' || value === null) return [path];
  return Object.entries(value).flatMap(([key, each]) => leavesOf(each, [...path, key]));
}

/** Every mapping whose keys the schema knows, by its path. */
export function mappingsOf(value: unknown, path: Path = []): Path[] {
  if (Array.isArray(value)) return value.flatMap((each, index) => mappingsOf(each, [...path, index]));
  if (typeof value !== 'object' || value === null) return [];
  const below = Object.entries(value).flatMap(([key, each]) => mappingsOf(each, [...path, key]));
  // The keys of these two are names that people choose.
  return ['sites', 'servers'].includes(String(path.at(-1))) ? below : [path, ...below];
}

/** The same with another value there. */
export function withValueAt<T>(value: T, [key, ...rest]: Path, replacement: unknown): T {
  if (key === undefined) return replacement as T;
  const copy = (Array.isArray(value) ? [...value] : { ...value }) as Record<PropertyKey, unknown>;
  copy[key] = withValueAt(copy[key], rest, replacement);
  return copy as T;
}
