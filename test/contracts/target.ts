import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { type Clock, type Target, TargetError } from '../../core/flow/ports.ts';
import type { TargetReading } from '../../core/model/target.ts';
import { openSockets, untilSockets } from '../support/sockets.ts';

/** A target between `beijing` and `shanghai` that starts at `beijing`, and the ways to treat it badly. */
export interface TargetPlace {
  target: Target;
  clock: Clock;
  /** Somebody else changes it. */
  edit(active: 'beijing' | 'shanghai' | 'split' | 'none'): Promise<void>;
  /** It loses what was written at run time. */
  restart(): Promise<void>;
  stopAnswering(): Promise<void>;
  answerAgain(): Promise<void>;
  remove(): Promise<void>;
}

/** What every implementation of the Target port promises. */
export function describeTargetContract(name: string, createPlace: () => Promise<TargetPlace>): void {
  describe(`${name} keeps the contract of a target`, () => {
    let place: TargetPlace;
    let socketsBefore: number;
    beforeAll(async () => {
      place = await createPlace();
      socketsBefore = openSockets();
    });
    afterAll(() => place?.remove());
    beforeEach(() => place.edit('beijing'));

    test('a reading names the target, the active site, the instance and its uptime', async () => {
      const reading = await read(place.target);
      expect(reading).toMatchObject({ target: place.target.id, status: 'read', active: 'beijing' });
      expect(reading.instance).not.toBe('');
      expect(reading.uptimeMs).toBeGreaterThanOrEqual(0);
    });

    test('a flip moves traffic, answers with what is there afterwards, and can be repeated and reversed', async () => {
      for (const site of ['shanghai', 'shanghai', 'beijing']) {
        expect(await place.target.flip(site, 1)).toMatchObject({ status: 'read', active: site });
        expect((await read(place.target)).active).toBe(site);
      }
    });

    test.each(['split', 'none'] as const)('%s is seen as such, and a flip mends it', async (active) => {
      await place.edit(active);
      expect((await read(place.target)).active).toBe(active);
      expect(await place.target.flip('shanghai', 1)).toMatchObject({ active: 'shanghai' });
    });

    test("somebody else's edit is seen, and is not taken for a restart", async () => {
      const before = await read(place.target);
      await place.edit('shanghai');
      expect(await read(place.target)).toMatchObject({ active: 'shanghai', instance: before.instance });
    });

    test('flips keep the instance; a restart changes it and forgets them', async () => {
      const before = await read(place.target);
      await place.target.flip('shanghai', 1);
      expect((await read(place.target)).instance).toBe(before.instance);
      const restartedAtMs = place.clock.monotonicMs();
      await place.restart();
      const after = await read(place.target);
      expect(after.active).toBe('beijing');
      expect(after.instance).not.toBe(before.instance);
      expect(after.uptimeMs).toBeLessThanOrEqual(place.clock.monotonicMs() - restartedAtMs);
    });

    test('a site it has nothing of is a TargetError and changes nothing', async () => {
      await expect(place.target.flip('atlantis', 1)).rejects.toThrow(TargetError);
      expect((await read(place.target)).active).toBe('beijing');
    });

    test('while it does not answer it is unreadable, never empty, and a flip is a TargetError', async () => {
      await place.stopAnswering();
      expect(await place.target.read()).toEqual({
        target: place.target.id,
        status: 'unreadable',
        detail: expect.stringMatching(/.+/),
      });
      await expect(place.target.flip('shanghai', 1)).rejects.toThrow(TargetError);
      await place.answerAgain();
      expect((await read(place.target)).active).toBe('beijing');
    });

    test('closing leaves no connection, and what is asked for later is answered', async () => {
      for (const _ of [1, 2]) {
        await read(place.target);
        await place.target.flip('shanghai', 1);
        await place.target.close();
        await untilSockets(socketsBefore);
      }
    });
  });
}

/** A reading that must succeed. */
export async function read(target: Target): Promise<Extract<TargetReading, { status: 'read' }>> {
  const reading = await target.read();
  if (reading.status === 'read') return reading;
  throw new Error(reading.detail);
}
