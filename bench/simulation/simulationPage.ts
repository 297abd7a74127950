import { type Took, type Totals, totalsLines } from './statistics.ts';

/** docs/benchmarks/simulation.md: what a run came to. */
export function simulationPage(totals: Totals, took: Took, circumstances: string[]): string {
  const broken = Object.entries(Object.groupBy(totals.violations, ({ invariant }) => invariant));
  return [
    '# Wrong decisions, in a simulated world',
    '',
    '<!-- Written by `npm run simulate -- --output docs/benchmarks/simulation.md`. -->',
    '',
    'The real loop of Warren, over ports in memory and a virtual clock, in a world drawn from a seed: 1 to 3 pairs on two sites of 1',
    'to 5 nodes, 1 to 5 vantages, a policy for each pair, clients that follow the targets, and faults, accidents and acts of people',
    'at random moments. A judge that knows the truth checks the promises at every write, flip, fence and decision, and every second.',
    '`bench/simulation/events.ts` lists what can happen, `check*.ts` beside it what is checked. What the judge can see is measured',
    'as well, by deliberate faults in the core: `npm run mutants`.',
    '',
    'A trace is one story: a world, what happens in it for 12 seconds to 7 minutes, and the time until everything has settled after',
    'that. Most are short, so that many different ones are played, and a few are long. In three of ten every process lives for about',
    'a minute and the next begins before it ends, as a scheduled function runs. A turn is one pass of the loop of one process that',
    'watches one pair. What bounds the rate is the core itself: of the time of a turn about half is its own code, spread over all of',
    'it (no function has a tenth), and the rest the callbacks of promises, garbage, and the world around it.',
    '',
    'Clients keep the answer of a name for up to 30 seconds, so that is part of what they wait for. A trace in which nothing moves is',
    'right as well: most faults must move nothing.',
    '',
    'A failover is called false where the side it left served whoever could reach it for as long as evidence reaches back. That takes',
    'so many vantages that are cut off from that side, and not from the other one, that they are a quorum: what they see is a lost side.',
    'It is counted, and breaks no promise; one for which there were not enough votes does. With `quorum: 1` one vantage is enough, and',
    'half of the worlds have no other.',
    '',
    ...circumstances.map((line) => `- ${line}`),
    '',
    ...totalsLines(totals, took).map((line) => `- ${line}`),
    '',
    ...(broken.length > 0 ? ['| promise broken | traces |', '| --- | --- |'] : []),
    ...broken.map(([invariant, all = []]) => `| ${invariant} | ${all.map(({ number }) => number).join(', ')} |`),
    ...(broken.length > 0 ? [''] : []),
  ].join('\n');
}
