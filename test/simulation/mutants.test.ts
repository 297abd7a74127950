import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { mutants } from '../../bench/mutants/mutants.ts';
import { BrokenMutant, simulateMutant } from '../../bench/mutants/simulated.ts';

const root = join(import.meta.dirname, '..', '..');

/** The mutant with these words. */
function mutant(words: string) {
  const found = mutants.find(({ what }) => what.includes(words));
  if (!found) throw new Error(`no mutant has the words ${words}`);
  return found;
}

describe('deliberate faults', () => {
  test('each fit one place of their file, and change it', () => {
    const misfits = mutants.filter(({ file, from, to }) => {
      const source = readFileSync(join(root, file), 'utf8');
      return source.split(from).length !== 2 || from === to;
    });
    expect(misfits).toEqual([]);
    expect(mutants.length).toBeGreaterThanOrEqual(40);
    expect(new Set(mutants.map(({ file, what }) => `${file} ${what}`)).size).toBe(mutants.length);
  });

  test.each([
    ['the claim raises no epoch', 'one-side-per-epoch'],
    ['a request stays after its claim', 'ends-once'],
    ['no slot of the fleet breaker is taken', 'fleet-breaker'],
  ])(
    '%s: the simulator notices',
    async (words, promise) => {
      expect(await simulateMutant(mutant(words), 1, 800)).toMatchObject({ by: promise });
    },
    120_000,
  );

  test('that is none is not noticed', async () => {
    const harmless = { ...mutant('the claim raises no epoch'), to: 'const epoch = 1 + record.epoch;' };
    expect(await simulateMutant(harmless, 1, 5)).toBeNull();
  }, 120_000);

  test('that cannot run is no fault that was noticed', async () => {
    const thrown = { ...mutant('the claim raises no epoch'), to: 'const epoch = (1 as never as () => number)();' };
    await expect(simulateMutant(thrown, 1, 30)).rejects.toThrow(BrokenMutant);
  }, 120_000);
});
