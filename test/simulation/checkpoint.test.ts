import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { digestOfSources, readCheckpoint, writeCheckpoint } from '../../bench/simulation/checkpoint.ts';
import { newTotals } from '../../bench/simulation/statistics.ts';

describe('a long run that was interrupted', () => {
  let folder: string;
  const file = () => join(folder, 'checkpoint.json');
  const saved = {
    seed: 7,
    from: 100,
    next: 300,
    took: { wallMs: 12_000, processorMs: 20_000 },
    totals: { ...newTotals(), traces: 200 },
  };

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'warren-checkpoint-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  test('begins at the beginning where it left nothing behind', () => {
    expect(readCheckpoint(file(), 7, 100)).toBeNull();
  });

  test('goes on where it was, also when its seed was drawn', () => {
    const left = { ...saved, sources: digestOfSources() };
    writeCheckpoint(file(), left);
    expect(readCheckpoint(file(), 7, 100)).toEqual(left);
    expect(readCheckpoint(file(), null, 100)).toEqual(left);
  });

  test('does not go on as another run, nor with other code', () => {
    writeCheckpoint(file(), { ...saved, sources: digestOfSources() });
    expect(() => readCheckpoint(file(), 8, 100)).toThrow('got seed 7, expected 8');
    expect(() => readCheckpoint(file(), 7, 0)).toThrow('begins with trace 100, expected 0');
    writeCheckpoint(file(), { ...saved, sources: 'of yesterday' });
    expect(() => readCheckpoint(file(), 7, 100)).toThrow('was written by other code (got of yesterday');
    expect(readFileSync(file(), 'utf8')).toContain('of yesterday');
  });
});
