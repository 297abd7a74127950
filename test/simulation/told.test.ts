import { describe, expect, test } from '@jest/globals';
import type { Event } from '../../bench/simulation/events.ts';
import type { Mutation } from '../../bench/simulation/world.ts';
import type { WarrenEvent } from '../../core/model/event.ts';
import { broken, lost, story } from './support.ts';

const isLost: Event = { ...lost, forMs: 60_000, atMs: 20_000 };

/** Says nothing of what this is about. */
const silentOf = (isAbout: (event: WarrenEvent) => boolean): Mutation => ({
  notifier: (inner) => ({ notify: (event) => (isAbout(event) ? undefined : inner.notify(event)) }),
});
const reasonOf = ({ data }: WarrenEvent) => (data.decision as { reason?: string } | undefined)?.reason ?? '';

describe('what people are not told: the judge notices', () => {
  test('a claim', async () => {
    // Nor that one is under way, nor how it goes.
    const mute = silentOf(
      (event) => /^(operation|step|report)$/.test(event.kind) || reasonOf(event) === 'operation-under-way',
    );
    expect(await broken(story([isLost]), mute)).toContain('nothing-is-silent');
    expect(await broken(story([isLost]))).toEqual([]);
  });

  test('an operation that is stalled', async () => {
    const fails: Event = { kind: 'target-fails', target: 'demo-haproxy', times: 30, tookEffect: false, atMs: 10_000 };
    const trace = { ...story([fails, { ...isLost, forMs: 300_000 }]), lengthMs: 300_000 };
    const mute = silentOf((event) => event.sentence.includes('is stalled') || reasonOf(event) === 'operation-stalled');
    expect(await broken(trace, mute)).toContain('nothing-is-silent');
    expect(await broken(trace)).toEqual([]);
  });

  test('a target that somebody else changed', async () => {
    const edited: Event = { kind: 'target-edited', target: 'demo-haproxy', active: 'shanghai', atMs: 30_000 };
    const mute = silentOf((event) => reasonOf(event) === 'foreign-edit');
    expect(await broken(story([edited]), mute)).toContain('nothing-is-silent');
    expect(await broken(story([edited]))).toEqual([]);
  });
});

describe('what history does not say: the judge notices', () => {
  test('a claim without its decision', async () => {
    const forgetful: Mutation = {
      store: (inner) => ({
        ...inner,
        recordDecision: async (row) => (row.decision.outcome === 'failover' ? undefined : inner.recordDecision(row)),
      }),
    };
    expect(await broken(story([isLost]), forgetful)).toContain('nothing-is-silent');
  });
});
