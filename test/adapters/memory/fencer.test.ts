import { expect, test } from '@jest/globals';
import { createVirtualClock } from '../../../adapters/memory/clock.ts';
import { createMemoryFencer } from '../../../adapters/memory/fencer.ts';
import { describeFencerContract, verdictsOf } from '../../contracts/fencer.ts';

const users = ['app', 'batch'];

function start() {
  const clock = createVirtualClock(1_000);
  const sites = { beijing: { nodes: ['bj1', 'bj2', 'bj3'], users: ['app', 'batch'] } };
  const fencer = createMemoryFencer({ clock, sites });
  /** The result, and how long it took on the virtual clock. */
  const timed = async <T>(work: () => Promise<T>) => {
    const startedAtMs = clock.monotonicMs();
    const working = work().then((result) => ({ result, tookMs: clock.monotonicMs() - startedAtMs }));
    await clock.advance(60_000);
    return working;
  };
  return { clock, fencer, timed };
}

describeFencerContract('the memory fencer', async () => {
  const { fencer, timed } = start();
  return {
    fencer,
    timed,
    setLimit: (user, value) => fencer.setLimit('beijing', user, value),
    limitAt: (node, user) => fencer.limits('beijing', node)[user] ?? null,
    connect: (user, count) => void fencer.connect('beijing', user, count),
    connections: (user) => fencer.connections('beijing', user),
    setQueue: (name, messages) => fencer.setQueue('beijing', name, messages),
    setNode: async (node, state) => fencer.setNode('beijing', node, state),
    remove: async () => {},
  };
});

test('a silent node costs the whole budget, and a site of them a quarter of it', async () => {
  const { fencer, timed } = start();
  fencer.setNode('beijing', 'bj2', 'silent');
  expect((await timed(() => fencer.set('beijing', users, 2_000))).tookMs).toBe(2_000);
  fencer.setSite('beijing', 'silent');
  expect((await timed(() => fencer.set('beijing', users, 2_000))).tookMs).toBe(500);
});

test('what is written reaches a silent node only where it is said to', async () => {
  const { fencer, timed } = start();
  fencer.setNode('beijing', 'bj2', 'silent');
  fencer.setNode('beijing', 'bj3', 'silent', { takesWrites: true });
  await timed(() => fencer.set('beijing', users, 2_000));
  fencer.setSite('beijing', 'well');
  const { result } = await timed(() => fencer.look('beijing', users, 2_000));
  expect(verdictsOf(result)).toEqual({ bj1: 'closed', bj2: 'open', bj3: 'closed' });
});

test('a node that answers again before the budget is spent is fenced with the others', async () => {
  const { fencer, clock } = start();
  fencer.setNode('beijing', 'bj2', 'silent');
  const setting = fencer.set('beijing', users, 2_000);
  await clock.advance(1_000);
  fencer.setNode('beijing', 'bj2', 'well');
  await clock.advance(1_000);
  expect(verdictsOf(await setting)).toEqual({ bj1: 'closed', bj2: 'closed', bj3: 'closed' });
});

test('a node that was down takes over the limits of the others when it is back', async () => {
  const { fencer, timed } = start();
  fencer.setNode('beijing', 'bj3', 'down');
  await timed(() => fencer.set('beijing', users, 2_000));
  fencer.setNode('beijing', 'bj3', 'well');
  expect(fencer.limits('beijing', 'bj3')).toEqual({ app: 0, batch: 0 });
});

test('applications are let in as far as limits allow, and lose their connections with the last node', () => {
  const { fencer } = start();
  fencer.setLimit('beijing', 'app', 2);
  expect(fencer.connect('beijing', 'app', 5)).toBe(2);
  expect(fencer.connect('beijing', 'batch', 5)).toBe(5);
  fencer.setSite('beijing', 'down');
  expect(fencer.connections('beijing', 'batch')).toBe(0);
});

test('an ordered failure makes every node unknown, with or without its effect, and calls are recorded', async () => {
  const { fencer, timed } = start();
  fencer.failNext('set', new Error('before'));
  fencer.failNext('set', new Error('after'), { afterTakingEffect: true });
  const { result } = await timed(() => fencer.set('beijing', users, 2_000));
  expect(result.nodes[0]).toEqual({ node: 'bj1', verdict: 'unknown', detail: 'before' });
  expect(fencer.limits('beijing', 'bj1')).toEqual({ app: null, batch: null });
  expect(verdictsOf((await timed(() => fencer.set('beijing', users, 2_000))).result)).toMatchObject({ bj1: 'unknown' });
  expect(fencer.limits('beijing', 'bj1')).toEqual({ app: 0, batch: 0 });
  expect(fencer.calls[0]).toEqual({ method: 'set', site: 'beijing', budgetMs: 2_000, atMs: 1_000 });
});

test('a drained node is fenced as any other, and takes no connections', async () => {
  const { fencer, timed } = start();
  fencer.connect('beijing', 'app', 2);
  fencer.setSite('beijing', 'drained');
  expect(fencer.connections('beijing', 'app')).toBe(0);
  expect(fencer.connect('beijing', 'app', 2)).toBe(0);
  const { result } = await timed(() => fencer.set('beijing', users, 2_000));
  expect(verdictsOf(result)).toEqual({ bj1: 'closed', bj2: 'closed', bj3: 'closed' });
});

test('while one node hangs the others tell their limits and write none; what was asked for lands afterwards, or never', async () => {
  for (const takesWrites of [false, true]) {
    const { fencer, timed } = start();
    fencer.setNode('beijing', 'bj1', 'silent');
    for (const peer of ['bj2', 'bj3']) fencer.setNode('beijing', peer, 'stalled', { takesWrites });
    fencer.connect('beijing', 'app', 1);
    const { result } = await timed(() => fencer.set('beijing', users, 2_000));
    expect(verdictsOf(result)).toEqual({ bj1: 'unknown', bj2: 'open', bj3: 'open' });
    expect(fencer.connections('beijing', 'app')).toBe(1);
    for (const peer of ['bj2', 'bj3']) fencer.setNode('beijing', peer, 'well');
    expect(fencer.limits('beijing', 'bj2').app).toBe(takesWrites ? 0 : null);
    expect(fencer.limits('beijing', 'bj1').app).toBeNull();
  }
});

test('a node that lags behind says for a while what was there before, and gets all that was written in its order', async () => {
  const { fencer, clock } = start();
  fencer.setLag('beijing', 'bj2', 5_000);
  const set = await fencer.set('beijing', users, 2_000);
  expect(verdictsOf(set)).toEqual({ bj1: 'closed', bj2: 'open', bj3: 'closed' });
  await clock.advance(3_000);
  await fencer.release('beijing', { app: 7, batch: null }, 2_000);
  await clock.advance(2_000);
  expect(fencer.limits('beijing', 'bj2').app).toBe(0);
  fencer.setLag('beijing', 'bj2', 0);
  expect(fencer.limits('beijing', 'bj2').app).toBe(7);
});
