import { describe, expect, test } from '@jest/globals';
import { heldUpSentence } from '../../../core/explain/heldUp.ts';
import type { SiteHealth } from '../../../core/model/health.ts';
import type { FailureClass } from '../../../core/model/probe.ts';
import { type SelfCheck, selfDoubt } from '../../../core/observe/selfTrust.ts';
import { healthInState } from '../../support/situation.ts';

const sane: SelfCheck = { referencesVisible: [], clockJumpMs: 0, lateByMs: 0 };

/** Both sites down, each of their nodes by this class. */
function bothDownBy(name: FailureClass): Record<string, SiteHealth> {
  const downBy = (site: string) => {
    const health = healthInState(site, 'down');
    return { ...health, nodes: health.nodes.map((node) => ({ ...node, findings: [{ class: name, detail: '' }] })) };
  };
  return { beijing: downBy('beijing'), shanghai: downBy('shanghai') };
}

describe('a prober that finds both sides down', () => {
  test.each<FailureClass>(['unreachable', 'refused', 'hung', 'publish-stalled'])(
    'by "%s" may be blind itself',
    (name) => {
      expect(selfDoubt(bothDownBy(name), sane)).toBe('both-sides-dark');
    },
  );

  test.each<FailureClass>(['alarm', 'metadata-stalled', 'no-quorum'])(
    'by "%s" was told so by the brokers, and sees well',
    (name) => {
      expect(selfDoubt(bothDownBy(name), sane)).toBeNull();
    },
  );
});

describe('a prober whose sides are both up', () => {
  const well = { beijing: healthInState('beijing', 'up'), shanghai: healthInState('shanghai', 'up') };

  test.each<[string, string | null, Partial<SelfCheck>]>([
    ['whose clock jumped ahead', 'clock-jumped', { clockJumpMs: 2_001 }],
    ['whose clock was set back', 'clock-jumped', { clockJumpMs: -2_001 }],
    ['whose clock was adjusted a little', null, { clockJumpMs: 2_000 }],
    ['whose turn came late', 'schedule-late', { lateByMs: 2_001 }],
    ['whose turn came a little late', null, { lateByMs: 2_000 }],
    ['that sees no reference', 'references-dark', { referencesVisible: [false, false] }],
    ['that sees one reference', null, { referencesVisible: [false, true] }],
    ['without references', null, {}],
  ])('%s: %s', (_, doubt, self) => {
    expect(selfDoubt(well, { ...sane, ...self })).toBe(doubt);
  });
});

test('a prober that was held up says by what and for how long', () => {
  expect(heldUpSentence({ lateByMs: 60_000, clockJumpMs: 3 })).toBe(
    'This prober was held up for 1 min: what it saw before does not count any more.',
  );
  expect(heldUpSentence({ lateByMs: 5, clockJumpMs: -7_200_000 })).toBe(
    'The clock of this host jumped by 2 h: what it saw before does not count any more.',
  );
});
