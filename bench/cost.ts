import { parseArgs } from 'node:util';
import { type Assumptions, costOf, defaultAssumptions, sources, totalOf } from './costModel.ts';
import { pricesAsOf } from './prices.ts';

/** `npm run cost -- --pairs 10`: what a month on AWS costs, from one Region and from three, service by service. */
export function costPage(given: Assumptions, regionCounts: readonly number[]): string {
  const columns = regionCounts.map((regions) => costOf({ ...given, regions }));
  const services = (columns[0] ?? []).map(({ service }) => service);
  const cells = (dollars: number[]) => dollars.map((each) => each.toFixed(2).padStart(10)).join('');
  const rows = services.map((service) => {
    const of = columns.flatMap((costs) => costs.filter((cost) => cost.service === service));
    return service.padEnd(24) + cells(of.flatMap(({ base, perPair }) => [base, perPair, base + given.pairs * perPair]));
  });
  const sums = columns.flatMap((costs) => {
    const [base, one, all] = [totalOf(costs, 0), totalOf(costs, 1), totalOf(costs, given.pairs)];
    return [base, one - base, all];
  });
  const heads = regionCounts
    .map((regions) => `${regions} ${regions === 1 ? 'Region' : 'Regions'}`.padStart(30))
    .join('');
  const names = regionCounts.map(() =>
    ['base', 'a pair', `${given.pairs} in all`].map((name) => name.padStart(10)).join(''),
  );
  return [
    'US dollars a month, a model and not a quotation.',
    `Prices: ${pricesAsOf}.`,
    'Check them for your Region. Not in it: NAT gateways and endpoints of a VPC, traffic between Regions, taxes.',
    '',
    'Made from these, each a flag:',
    ...figures(given).map((line) => `  ${line}`),
    '',
    'Metrics and alarms are those of each pair in each Region that watches it: an alarm sees no other Region, and is lost with its own.',
    '',
    ' '.repeat(24) + heads,
    ' '.repeat(24) + names.join(''),
    ...rows,
    'Sum'.padEnd(24) + cells(sums),
    '',
  ].join('\n');
}

/** Each with where it is from, in columns. */
function figures(given: Assumptions): string[] {
  const { regions: _, ...named } = given;
  return Object.entries(named).map(([name, value]) => {
    const source = sources[name as keyof Assumptions];
    const isDefault = value === defaultAssumptions[name as keyof Assumptions];
    return `${`--${name} ${value}`.padEnd(32)}${isDefault ? source : 'as you said'}`;
  });
}

/** Every assumption as a flag. @throws Error for a value that is no number */
export function assumptionsFrom(words: string[]): { given: Assumptions; regionCounts: number[]; help: boolean } {
  const names = Object.keys(defaultAssumptions) as (keyof Assumptions)[];
  const flags = Object.fromEntries(names.map((name) => [name, { type: 'string' as const }]));
  const parsed = parseArgs({ args: words, options: { ...flags, help: { type: 'boolean' } } });
  const values: Record<string, unknown> = parsed.values;
  const told = Object.entries(values).flatMap(([name, value]) => {
    if (typeof value !== 'string') return [];
    const number = value.trim() === '' ? Number.NaN : Number(value);
    if (!(number >= 0 && number < Number.POSITIVE_INFINITY))
      throw new Error(`--${name}: got ${value}, expected a number`);
    return [[name, number] as const];
  });
  const given = { ...defaultAssumptions, ...Object.fromEntries(told) };
  return { given, regionCounts: values.regions === undefined ? [1, 3] : [given.regions], help: values.help === true };
}

function main(words: string[]): void {
  const { given, regionCounts, help } = assumptionsFrom(words);
  const flags = Object.entries(defaultAssumptions).map(([name, value]) => `[--${name} ${value}]`);
  console.log(help ? `Usage: npm run cost -- ${flags.join(' ')}` : costPage(given, regionCounts));
}

if (import.meta.main) {
  try {
    main(process.argv.slice(2));
  } catch (error) {
    console.error((error as Error).message);
    process.exitCode = 2;
  }
}
