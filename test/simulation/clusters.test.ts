import { describe, expect, test } from '@jest/globals';
import { type Event, eventLine } from '../../bench/simulation/events.ts';
import { runTrace } from '../../bench/simulation/run.ts';
import { shrink } from '../../bench/simulation/shrink.ts';
import type { Trace } from '../../bench/simulation/trace.ts';
import { hasFence, losesIntents, story } from './support.ts';

const all = ['bj1', 'bj2', 'bj3'];
const hasThree = ({ config }: Trace) => {
  const { sites, probe } = config.pairs[0] ?? {};
  return sites?.beijing?.nodes.length === 3 && probe?.minNodes === 1 && probe.metadataStalledAfterMs === 90_000;
};
const isFencedOfThree = (trace: Trace) => hasThree(trace) && hasFence(trace);
const played = (events: Event[], accepts = hasThree) => runTrace(story(events, accepts));
const moved: Event = {
  kind: 'person',
  pair: 'demo',
  act: 'failover-overridden',
  site: 'beijing',
  forMs: 20_000,
  atMs: 30_000,
};

describe('maintenance mode', () => {
  const drained = { kind: 'drained', site: 'beijing', forMs: 60_000, atMs: 20_000 } as const;

  test.each([
    ['one node that says so itself', ['bj1'], 'answers', 0],
    ['one node of which its peers say so', ['bj1'], 'closed', 0],
    ['a whole side that says so', all, 'answers', 0],
    ['a whole side that cannot be told from a dead one', all, 'closed', 1],
  ] as const)('of %s: traffic moves only where nobody can tell', async (_, nodes, management, moves) => {
    const outcome = await played([{ ...drained, nodes: [...nodes], management }]);
    expect(outcome.violations).toEqual([]);
    expect(outcome.moves).toHaveLength(moves);
  });

  test('lets limits be written, and a fence be proven', async () => {
    const { violations, transcript } = await played(
      [{ ...drained, nodes: all, management: 'answers' }, moved],
      isFencedOfThree,
    );
    expect(violations).toEqual([]);
    expect(transcript.join('\n')).toContain('beijing is fenced');
  });
});

describe('one node of three that hangs', () => {
  const hung: Event = {
    kind: 'hung-node',
    site: 'beijing',
    node: 'bj1',
    peers: ['bj2', 'bj3'],
    landsLater: true,
    splitMs: 20_000,
    forMs: 80_000,
    atMs: 20_000,
  };

  test('moves nothing, is told as what it is, and comes back split', async () => {
    const { violations, moves, transcript } = await played([hung]);
    expect(violations).toEqual([]);
    expect(moves).toEqual([]);
    expect(transcript.join('\n')).toMatch(/bj2.*cannot declare queues/);
    expect(transcript.join('\n')).toContain('network partition');
  });

  test('keeps its side from being fenced, until it is back', async () => {
    const { violations, transcript } = await played([hung, { ...moved, atMs: 40_000 }], isFencedOfThree);
    expect(violations).toEqual([]);
    const [before, after] = transcript.join('\n').split('alert      beijing: bj2 and bj3 report a network partition');
    expect(before).toContain('beijing is unfenced');
    expect(before).not.toContain('beijing is fenced');
    expect(after).toContain('beijing is fenced since operation 2');
  });
});

describe('limits that are known late at some nodes', () => {
  const behind: Event = {
    kind: 'limits-lag',
    site: 'beijing',
    nodes: ['bj2'],
    lagMs: 15_000,
    forMs: 60_000,
    atMs: 20_000,
  };

  test('keep a planned move from being made, and nobody stays shut out', async () => {
    const { violations, transcript } = await played([behind, { ...moved, act: 'switchover' }], isFencedOfThree);
    expect(violations).toEqual([]);
    expect(transcript.join('\n')).toContain('could not be fenced (bj2');
  });
});

describe('a network that fails node by node', () => {
  const cut = { kind: 'cut', site: 'beijing', forMs: 60_000, atMs: 20_000 } as const;
  const everybody = ['bj1', 'bj2'].map((node) => ({ vantage: null, node }));

  test('loses the side where most nodes are cut off from everybody and the last one pauses', async () => {
    const { violations, moves } = await played([{ ...cut, ways: everybody, paused: ['bj3'] }]);
    expect(violations).toEqual([]);
    expect(moves).toMatchObject([{ lostAtMs: 20_000 }]);
  });

  test('loses nothing where one node can still be reached', async () => {
    const ways = everybody.map(({ node }) => ({ vantage: 'local', node }));
    expect((await played([{ ...cut, ways, paused: [] }])).moves).toEqual([]);
  });

  test('is told way by way', () => {
    const ways = [...everybody.slice(0, 1), { vantage: 'local', node: 'bj2' }];
    expect(eventLine({ ...cut, ways, paused: ['bj3'] })).toContain('ways everybody-bj1,local-bj2 paused bj3');
  });
});

test('a story of what happens to nodes is made smaller node by node', async () => {
  const trace = story(
    [
      {
        kind: 'cut',
        site: 'beijing',
        ways: all.map((node) => ({ vantage: null, node })),
        paused: [],
        forMs: 60_000,
        atMs: 20_000,
      },
      { kind: 'drained', site: 'shanghai', nodes: ['sh3'], management: 'answers', forMs: 1_000, atMs: 90_000 },
    ],
    hasThree,
  );
  const [violation] = (await runTrace(trace, losesIntents)).violations;
  if (!violation) throw new Error('nothing was noticed');
  const { events } = await shrink(trace, violation, losesIntents);
  expect(events).toMatchObject([{ kind: 'cut', ways: [{ vantage: null, node: 'bj1' }] }]);
});
