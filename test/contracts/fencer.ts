import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { FenceError, type Fencer } from '../../core/flow/ports.ts';
import { type FenceReading, isClosed, isFenceable, isOpen, isRefusing } from '../../core/model/fence.ts';

/**
 * A fencer of the site `beijing`: nodes `bj1`, `bj2` and `bj3`, and `app` and `batch` as the users to be fenced. The user
 * `salvage` is none of them. And the ways to treat it badly.
 */
export interface FencerPlace {
  fencer: Fencer;
  /** An administrator's doing; null: no limit. */
  setLimit(user: string, value: number | null): void;
  limitAt(node: string, user: string): number | null;
  connect(user: string, count: number): void;
  connections(user: string): number;
  setQueue(name: string, messages: number): void;
  setNode(node: string, state: 'down' | 'silent'): Promise<void>;
  /** Lets the time pass that the work needs. */
  timed<T>(work: () => Promise<T>): Promise<{ result: T; tookMs: number }>;
  remove(): Promise<void>;
}

const site = 'beijing';
const nodes = ['bj1', 'bj2', 'bj3'];
const users = ['app', 'batch'];
const budgetMs = 1_200;
/** What a busy machine may add to a deadline. */
const toleranceMs = 300;

/** What every implementation of the Fencer port promises. */
export function describeFencerContract(name: string, createPlace: () => Promise<FencerPlace>): void {
  describe(`${name} keeps the contract of a fencer`, () => {
    let place: FencerPlace;
    beforeEach(async () => {
      place = await createPlace();
    });
    afterEach(() => place?.remove());

    const done = async <T>(work: () => Promise<T>) => (await place.timed(work)).result;
    const look = () => done(() => place.fencer.look(site, users, budgetMs));
    const set = () => done(() => place.fencer.set(site, users, budgetMs));

    test('an open site is seen as open, and may be fenced', async () => {
      const reading = await look();
      expect(verdictsOf(reading)).toEqual({ bj1: 'open', bj2: 'open', bj3: 'open' });
      expect([isOpen(reading), isClosed(reading), isFenceable(reading)]).toEqual([true, false, true]);
    });

    test('a fence closes connections and lets nobody in, is seen, and can be set again', async () => {
      place.connect('app', 3);
      place.connect('batch', 1);
      for (const reading of [await set(), await look(), await set()]) {
        expect(verdictsOf(reading)).toEqual({ bj1: 'closed', bj2: 'closed', bj3: 'closed' });
        expect(isClosed(reading)).toBe(true);
      }
      for (const user of ['app', 'batch']) {
        expect(place.connections(user)).toBe(0);
        expect(nodes.map((node) => place.limitAt(node, user))).toEqual([0, 0, 0]);
      }
    });

    test('a site that refuses some of the users and not others is told apart', async () => {
      place.setLimit('app', 0);
      const reading = await look();
      expect(verdictsOf(reading)).toEqual({ bj1: 'partly', bj2: 'partly', bj3: 'partly' });
      expect([isOpen(reading), isClosed(reading), isRefusing(reading)]).toEqual([false, false, true]);
    });

    test('only the users that are named are shut out', async () => {
      await done(() => place.fencer.set(site, ['app'], budgetMs));
      expect(nodes.map((node) => place.limitAt(node, 'batch'))).toEqual([null, null, null]);
      expect(await done(() => place.fencer.readLimits(site, ['batch'], budgetMs))).toEqual({ batch: null });
    });

    test('other users keep their limits and their connections', async () => {
      place.connect('salvage', 2);
      place.setLimit('salvage', 9);
      await set();
      expect(place.connections('salvage')).toBe(2);
      expect(place.limitAt('bj1', 'salvage')).toBe(9);
    });

    test.each([null, 50, 0])('a limit of %s is saved, and comes back exactly', async (limit) => {
      place.setLimit('app', limit);
      place.setLimit('batch', 7);
      const saved = await done(() => place.fencer.readLimits(site, users, budgetMs));
      expect(saved).toEqual({ app: limit, batch: 7 });
      await set();
      for (let again = 0; again < 2; again += 1) {
        expect(isOpen(await done(() => place.fencer.release(site, saved, budgetMs)))).toBe(true);
        expect(nodes.map((node) => place.limitAt(node, 'app'))).toEqual([limit, limit, limit]);
        expect(nodes.map((node) => place.limitAt(node, 'batch'))).toEqual([7, 7, 7]);
      }
    });

    test('a node that is down keeps nobody in: the fence of the others is proven at once', async () => {
      await place.setNode('bj3', 'down');
      const { result, tookMs } = await place.timed(() => place.fencer.set(site, users, budgetMs));
      expect(verdictsOf(result)).toEqual({ bj1: 'closed', bj2: 'closed', bj3: 'down' });
      expect(isClosed(result)).toBe(true);
      expect(tookMs).toBeLessThan(budgetMs / 2);
    });

    test('a silent node is unknown, within the budget, and the fence is not proven', async () => {
      await place.setNode('bj2', 'silent');
      for (const method of ['set', 'look'] as const) {
        const { result, tookMs } = await place.timed(() => place.fencer[method](site, users, budgetMs));
        expect(verdictsOf(result)).toMatchObject({ bj2: 'unknown' });
        expect(isClosed(result)).toBe(false);
        expect(isFenceable(result)).toBe(false);
        expect(tookMs).toBeLessThan(budgetMs + toleranceMs);
      }
      expect(place.limitAt('bj1', 'app')).toBe(0);
    });

    test('a dead site is given up at once, and nothing of it is taken for closed', async () => {
      for (const node of nodes) await place.setNode(node, 'down');
      const { result, tookMs } = await place.timed(() => place.fencer.set(site, users, budgetMs));
      expect(verdictsOf(result)).toEqual({ bj1: 'down', bj2: 'down', bj3: 'down' });
      expect(isClosed(result)).toBe(false);
      expect(tookMs).toBeLessThan(budgetMs / 2);
    });

    test('a site that swallows everything is given up after a part of the budget', async () => {
      for (const node of nodes) await place.setNode(node, 'silent');
      const { result, tookMs } = await place.timed(() => place.fencer.set(site, users, budgetMs));
      expect(verdictsOf(result)).toEqual({ bj1: 'unknown', bj2: 'unknown', bj3: 'unknown' });
      expect(tookMs).toBeLessThan(budgetMs / 4 + toleranceMs);
    });

    test('limits are read from whoever answers; from nobody they are a FenceError', async () => {
      place.setLimit('app', 50);
      await place.setNode('bj1', 'silent');
      await place.setNode('bj2', 'down');
      expect(await done(() => place.fencer.readLimits(site, users, budgetMs))).toEqual({ app: 50, batch: null });
      await place.setNode('bj3', 'down');
      const refusal = done(() => place.fencer.readLimits(site, users, budgetMs).catch((error: unknown) => error));
      expect(await refusal).toBeInstanceOf(FenceError);
    });

    test("a survey counts the fenced users' connections and what is in queues that are not Warren's", async () => {
      place.connect('app', 2);
      place.connect('salvage', 5);
      for (let index = 1; index <= 12; index += 1) place.setQueue(`orders-${index}`, index);
      place.setQueue('empty', 0);
      place.setQueue('warren.probe.here', 1_000);
      const survey = await done(() => place.fencer.survey(site, users, budgetMs));
      expect(survey).toMatchObject({ site, connections: 2, messages: 78 });
      expect(survey.queues).toHaveLength(10);
      expect(survey.queues.slice(0, 2)).toEqual([
        { name: 'orders-12', messages: 12 },
        { name: 'orders-11', messages: 11 },
      ]);
    });

    test('a survey of a dead site counts nothing, rather than 0', async () => {
      for (const node of nodes) await place.setNode(node, 'down');
      const survey = await done(() => place.fencer.survey(site, users, budgetMs));
      expect(survey).toEqual({ site, connections: null, messages: null, queues: [] });
    });
  });
}

/** The verdict of each node, in the order of the nodes. */
export function verdictsOf({ nodes }: FenceReading): Record<string, string> {
  return Object.fromEntries(nodes.map(({ node, verdict }) => [node, verdict]));
}
