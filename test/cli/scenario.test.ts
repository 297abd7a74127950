import { describe, expect, test } from '@jest/globals';
import { decisionsIn, deviationsFrom } from '../../cli/scenario/course.ts';
import { type ScenarioResult, summaryOf, timesOf } from '../../cli/scenario/result.ts';
import { scenarios, scenariosNamed } from '../../cli/scenario/scenarios.ts';
import { operation } from '../support/situation.ts';

describe('scenarios', () => {
  test('have different names, and say what is done and what must happen', () => {
    expect(new Set(scenarios.map(({ name }) => name)).size).toBe(scenarios.length);
    for (const { done, expected } of scenarios) expect([done, expected]).not.toContain('');
  });

  test('are found by name, by group, and all at once; an unknown name finds none', () => {
    expect(scenariosNamed('flap').map(({ name }) => name)).toEqual(['flap']);
    expect(scenariosNamed('warren-killed')).toHaveLength(3);
    expect(scenariosNamed('all')).toBe(scenarios);
    expect(scenariosNamed('nope')).toEqual([]);
  });
});

describe('the course of a scenario', () => {
  const decided = (...reasons: string[]) =>
    decisionsIn(
      reasons.map((reason) => {
        const told = { atMs: 0, pair: 'demo', severity: 'info', sentence: reason } as const;
        return { ...told, kind: 'decision', data: { decision: { reason } } };
      }),
    );

  test('leaves out what is only passed through, and what repeats', () => {
    expect(decided('all-well', 'active-suspect', 'active-down', 'operation-under-way', 'latched', 'latched')).toEqual([
      'active-down',
      'latched',
    ]);
    expect(decided('requested', 'all-well', 'requested')).toEqual(['requested', 'requested']);
  });

  test('leaves out how a side looks on its way down, not what it stays', () => {
    expect(decided('active-degraded', 'active-unknown', 'active-degraded', 'active-down')).toEqual(['active-down']);
    expect(decided('active-degraded', 'all-well', 'active-unknown')).toEqual(['active-degraded', 'active-unknown']);
  });

  test('deviates by a sentence for each difference, but not by what may be either way', () => {
    const course = { decisions: ['active-down', 'latched'], operations: ['failover finished'], desired: 'shanghai' };
    expect(deviationsFrom({ ...course, decisions: ['active-down'], eitherWay: ['latched'] }, course)).toEqual([]);
    expect(deviationsFrom({ ...course, operations: [], desired: 'beijing' }, course)).toEqual([
      'ended: failover finished; expected: nothing',
      'desired: shanghai; expected: beijing',
    ]);
  });
});

describe('the summary of a scenario', () => {
  const messages = { confirmed: 10, consumed: 8, stranded: 2, duplicated: 1, lost: 0 };
  const result: ScenarioResult = {
    name: 'kill-primary',
    done: 'kill -9',
    expected: 'failover',
    outcome: 'as-expected',
    happened: 'failover 2 to shanghai',
    longestGapMs: 940,
    times: { detectMs: 800, decideMs: 1, actMs: 20, convergeMs: 100 },
    messages,
  };

  test('splits the outage and accounts for every message', () => {
    const text = summaryOf(result);
    expect(text).toContain('kill-primary: AS EXPECTED');
    expect(text).toContain('gap       0.9 s between confirmed publishes, at most');
    expect(text).toContain('detect 0.8 s, decide 0.0 s, act 0.0 s, converge 0.1 s');
    expect(text).toContain('10 confirmed: 8 consumed, 2 stranded on the old side, 1 duplicated, 0 lost');
  });

  test('calls nothing stranded when nothing was moved', () => {
    expect(summaryOf({ ...result, times: null })).toContain('2 still queued');
  });

  test('has no figures for what was not run', () => {
    const text = summaryOf({
      name: 'blackhole',
      done: 'x',
      expected: 'y',
      outcome: 'not-run',
      happened: 'no nftables',
    });
    expect(text).toMatch(/^blackhole: NOT RUN\n/);
    expect(text).not.toMatch(/gap|messages/);
  });

  test('takes its times from the fault, the journal and the clients', () => {
    const timeline = { ...operation('finished').timeline, decidedAtMs: 1_800, claimedAtMs: 1_801, flippedAtMs: 1_821 };
    const flow = { longestGapMs: 940, longestGapBeganAtMs: 990 };
    expect(timesOf({ ...operation('finished'), timeline }, 1_000, flow)).toEqual({
      detectMs: 800,
      decideMs: 1,
      actMs: 20,
      convergeMs: 109,
    });
    expect(timesOf(null, 1_000, flow)).toBeNull();
  });
});
