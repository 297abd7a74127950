import { describe, expect, test } from '@jest/globals';
import type { Pair } from '../../../core/model/config.ts';
import type { PairWindow } from '../../../core/model/health.ts';
import type { CheckResult, FailureClass, NodeProbe, ProbeDepth } from '../../../core/model/probe.ts';
import { siteHealth } from '../../../core/observe/siteHealth.ts';
import { emptyWindow, observe, observeHint } from '../../../core/observe/window.ts';
import { testConfig } from '../../support/world.ts';

const [pair] = testConfig().pairs as [Pair];
const policy = { ...pair.probe, alarmsAfterMs: 60_000, metadataStalledAfterMs: 60_000 };
const node = (name: string, window: PairWindow) => window.sites.beijing?.[name];

/** A probe of bj1 that started at `atMs` and took `tookMs`. */
function probe(
  atMs: number,
  found: FailureClass | 'pass',
  depth: ProbeDepth = 'full',
  tookMs = 1,
  name = 'bj1',
): NodeProbe {
  const served = found === 'pass' || found === 'metadata-stalled' || found === 'management-only';
  const checks: CheckResult[] = [];
  if (served) checks.push({ check: 'publish-confirm-get', status: 'pass', latencyMs: 1 });
  if (found === 'pass' && depth === 'full') checks.push({ check: 'declare', status: 'pass', latencyMs: 1 });
  if (found !== 'pass') checks.push({ check: 'tcp', status: 'fail', latencyMs: 1, class: found, detail: '' });
  return { site: 'beijing', node: name, depth, startedAtMs: atMs, finishedAtMs: atMs + tookMs, checks };
}

function windowAfter(...probes: NodeProbe[]): PairWindow {
  return probes.reduce((window, each) => observe(window, each, policy), emptyWindow(pair, 0, 0));
}

describe('a node', () => {
  test('is suspect from the first voting failure and failed at the third', () => {
    const failures = [0, 1_000, 2_000].map((atMs) => probe(atMs, 'refused'));
    expect(node('bj1', windowAfter(...failures.slice(0, 2)))?.state).toBe('suspect');
    expect(node('bj1', windowAfter(...failures))?.state).toBe('failed');
  });

  test('does not fail by two probes of one moment: they are one piece of evidence', () => {
    const twice = [0, 1, 1_000, 1_001].map((atMs) => probe(atMs, 'refused'));
    expect(node('bj1', windowAfter(...twice))?.servingFailures).toBe(2);
  });

  test('is reset by one pass while suspect, and needs `rise` passes in a row once failed', () => {
    expect(node('bj1', windowAfter(probe(0, 'refused'), probe(1_000, 'pass')))?.state).toBe('passing');
    const failed = [0, 1_000, 2_000].map((atMs) => probe(atMs, 'refused'));
    const passes = [3, 4, 5, 6, 7].map((second) => probe(second * 1_000, 'pass'));
    expect(node('bj1', windowAfter(...failed, ...passes.slice(0, 4)))?.state).toBe('recovering');
    expect(node('bj1', windowAfter(...failed, ...passes))?.state).toBe('passing');
  });

  test('falls back to failed when it fails while recovering', () => {
    const failed = [0, 1_000, 2_000].map((atMs) => probe(atMs, 'refused'));
    expect(node('bj1', windowAfter(...failed, probe(3_000, 'pass'), probe(4_000, 'hung')))?.state).toBe('failed');
  });

  test('is not accused by a slow failure that arrives after the pass of a probe that started later', () => {
    const window = windowAfter(probe(1_000, 'pass'), probe(0, 'hung', 'full', 2_000));
    expect(node('bj1', window)?.state).toBe('passing');
  });

  test('is not accused by a fresh connection that fails beside a kept one that works: that warns', () => {
    const exercised = [0, 1_000, 2_000, 3_000].flatMap((atMs) => [
      probe(atMs, 'pass', 'kept'),
      probe(atMs + 500, 'refused'),
    ]);
    const window = windowAfter(...exercised);
    expect(node('bj1', window)?.state).toBe('warned');
    const broken = observeHint(window, { site: 'beijing', node: 'bj1', kind: 'broken', detail: '', atMs: 3_500 });
    expect(node('bj1', observe(broken, probe(4_000, 'refused'), policy))?.state).toBe('suspect');
  });

  test('does not count as connected again by a pass that ended before the connection broke, in whichever order they arrive', () => {
    const pass = probe(1_000, 'pass', 'kept');
    const hint = { site: 'beijing', node: 'bj1', kind: 'broken', detail: '', atMs: 1_010 } as const;
    const empty = emptyWindow(pair, 0, 0);
    expect(node('bj1', observe(observeHint(empty, hint), pass, policy))?.keptAlive).toBe(false);
    expect(node('bj1', observeHint(observe(empty, pass, policy), hint))?.keptAlive).toBe(false);
  });

  test('is accused by refusals beside a kept connection that has fallen silent', () => {
    const window = windowAfter(probe(0, 'pass', 'kept'), probe(1_500, 'refused'), probe(1_900, 'refused'));
    expect(node('bj1', window)?.servingFailures).toBe(2);
  });

  test('is not said to be silent and to refuse at once: what a lost connection had failed with gives way', () => {
    const lost = windowAfter(probe(0, 'unreachable', 'kept', 2_000), probe(3_000, 'refused'));
    expect(node('bj1', lost)?.findings).toEqual({ kept: [], full: [{ class: 'refused', detail: '' }] });
  });

  test('counts silences only when they began a recheck apart', () => {
    const overlapping = [0, 500, 1_000].map((atMs) => probe(atMs, 'hung', 'full', 2_000));
    expect(node('bj1', windowAfter(...overlapping))?.servingFailures).toBe(2);
  });

  test.each<FailureClass>(['auth', 'tls', 'not-allowed', 'draining', 'wrong-identity', 'probe-error'])(
    'is blind, not failed, however often it fails with %s',
    (found) => {
      const window = windowAfter(...[0, 1, 2, 3, 4].map((second) => probe(second * 1_000, found)));
      expect(node('bj1', window)?.state).toBe('blind');
    },
  );

  test('keeps its count through results that do not vote', () => {
    const window = windowAfter(probe(0, 'refused'), probe(1_000, 'auth'), probe(2_000, 'refused'));
    expect(node('bj1', window)?.servingFailures).toBe(2);
  });

  test('that failed and then gives a result that does not vote cannot be judged, until it fails again', () => {
    const failed = [0, 1_000, 2_000].map((atMs) => probe(atMs, 'refused'));
    const blind = windowAfter(...failed, probe(3_000, 'auth'));
    expect(node('bj1', blind)?.state).toBe('blind');
    expect(node('bj1', observe(blind, probe(4_000, 'refused'), policy))?.state).toBe('failed');
  });

  test('under an alarm warns until the alarm is old enough, then votes', () => {
    const young = windowAfter(...[0, 5_000, 10_000].map((atMs) => probe(atMs, 'alarm')));
    expect(node('bj1', young)?.state).toBe('warned');
    const old = [60_001, 61_001, 62_001].reduce((window, atMs) => observe(window, probe(atMs, 'alarm'), policy), young);
    expect(node('bj1', old)?.state).toBe('failed');
  });

  test('that has failed and then answers with an alarm is not down any more, and not well: the alarm has its own time', () => {
    const failed = [0, 1_000, 2_000].map((atMs) => probe(atMs, 'refused'));
    const alarm = (seconds: number[]) => seconds.map((second) => probe(second * 1_000, 'alarm'));
    expect(node('bj1', windowAfter(...failed, ...alarm([3])))).toMatchObject({
      state: 'recovering',
      servingFailures: 0,
    });
    expect(node('bj1', windowAfter(...failed, ...alarm([3, 64, 65, 66])))?.state).toBe('failed');
  });

  test('goes on with an alarm that the process before saw, and not with one that was over in between', () => {
    const inherited = { beijing: { bj1: { alarm: -50_000 } } };
    const inheriting = (...probes: NodeProbe[]) =>
      probes.reduce((window, each) => observe(window, each, policy), emptyWindow(pair, 0, 0, inherited));
    const alarms = [11, 12, 13].map((second) => probe(second * 1_000, 'alarm'));
    expect(node('bj1', inheriting(...alarms))?.state).toBe('failed');
    expect(node('bj1', inheriting(probe(5_000, 'pass'), ...alarms))?.state).toBe('warned');
  });

  test('starts the clock of an alarm anew when a publish was confirmed in between', () => {
    const window = windowAfter(probe(0, 'alarm'), probe(30_000, 'pass', 'kept'), probe(60_001, 'alarm'));
    expect(node('bj1', window)?.state).toBe('warned');
  });

  test('with stalled metadata does not recover by publishing: only a declare says so', () => {
    const stalled = [0, 60_001, 61_001, 62_001].map((atMs) => probe(atMs, 'metadata-stalled'));
    const window = windowAfter(...stalled, probe(63_000, 'pass', 'kept'));
    expect(node('bj1', window)?.state).toBe('failed');
    expect(node('bj1', observe(window, probe(64_000, 'pass'), policy))?.state).toBe('recovering');
  });

  test('with stalled metadata counts only declares that were tried; in between the finding stands', () => {
    const untried: NodeProbe = {
      ...probe(61_500, 'pass'),
      checks: [
        { check: 'publish-confirm-get', status: 'pass', latencyMs: 1 },
        { check: 'declare', status: 'skipped', detail: 'not tried again yet' },
      ],
    };
    const window = windowAfter(probe(0, 'metadata-stalled'), probe(60_001, 'metadata-stalled'), untried);
    expect(node('bj1', window)?.conditionFailures).toBe(1);
    expect(node('bj1', window)?.findings.full.map((finding) => finding.class)).toEqual(['metadata-stalled']);
  });

  test('keeps newer failures when an older probe, whose message went through before them, ends late', () => {
    const slow = probe(1_000, 'pass', 'full', 2_000);
    const window = windowAfter(probe(1_200, 'refused'), probe(1_600, 'refused'), slow);
    expect(node('bj1', window)?.servingFailures).toBe(2);
  });

  test('ignores probes that started before the window did', () => {
    const window = emptyWindow(pair, 1, 5_000);
    expect(observe(window, probe(4_999, 'refused', 'full', 2_000), policy)).toBe(window);
  });
});

describe('a site', () => {
  const everyNode = (atMs: number, found: FailureClass | 'pass', names = ['bj1', 'bj2', 'bj3']) =>
    names.map((name) => probe(atMs, found, 'full', 1, name));
  const health = (window: PairWindow, nowMs = 3_000) => siteHealth(window, 'beijing', policy, nowMs).state;

  test('is up when every node passes, degraded when one does not', () => {
    expect(health(windowAfter(...everyNode(0, 'pass')))).toBe('up');
    expect(health(windowAfter(...everyNode(0, 'pass', ['bj1', 'bj2']), probe(0, 'refused', 'full', 1, 'bj3')))).toBe(
      'degraded',
    );
  });

  test('is down only when every node that does not pass has failed `fall` times', () => {
    const rounds = [0, 1_000, 2_000].flatMap((atMs) => everyNode(atMs, 'refused'));
    expect(health(windowAfter(...rounds))).toBe('down');
    expect(health(windowAfter(...rounds.slice(0, -1)))).toBe('suspect');
  });

  test('that needs two nodes is not condemned by the one that answers: it was down before', () => {
    const two = { ...policy, minNodes: 2 };
    const lost = [0, 1_000, 2_000].flatMap((atMs) => everyNode(atMs, 'refused', ['bj1', 'bj2']));
    const judged = (...probes: NodeProbe[]) => siteHealth(windowAfter(...lost, ...probes), 'beijing', two, 4_000).state;
    expect(judged(probe(3_000, 'auth', 'full', 1, 'bj3'))).toBe('down');
    expect(judged(probe(3_000, 'pass', 'full', 1, 'bj3'))).toBe('down');
  });

  test('is at most unknown while a node cannot be judged', () => {
    const rounds = [0, 1_000, 2_000].flatMap((atMs) => [
      ...everyNode(atMs, 'refused', ['bj1', 'bj2']),
      probe(atMs, 'auth', 'full', 1, 'bj3'),
    ]);
    expect(health(windowAfter(...rounds))).toBe('unknown');
  });

  test('is unknown when its last observations are old', () => {
    expect(health(windowAfter(...everyNode(0, 'pass')), 60_000)).toBe('unknown');
  });

  test('is unknown before anything was seen', () => {
    expect(health(emptyWindow(pair, 0, 0))).toBe('unknown');
  });
});
