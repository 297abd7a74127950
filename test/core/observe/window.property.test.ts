import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { NodeProbe } from '../../../core/model/probe.ts';
import { siteHealth } from '../../../core/observe/siteHealth.ts';
import { holdsFor } from '../../support/property.ts';
import {
  anyPair,
  anySteps,
  badness,
  type Found,
  nodeStateOf,
  type ProbeStep,
  probeOf,
  probesOf,
  stateOf,
  timesOf,
  votingClasses,
  windowAfter,
} from './probes.ts';

const anyNode = fc.constantFrom('bj1', 'bj2', 'bj3');
const anyDepth = fc.constantFrom<NodeProbe['depth']>('kept', 'full');

/** One more probe, begun a recheck after the last one. */
function later(steps: ProbeStep[], node: string, depth: NodeProbe['depth'], found: Found): NodeProbe {
  const { lastBeganMs } = timesOf(probesOf(steps));
  return probeOf({ node, depth, found, startedAtMs: lastBeganMs + 1_000, tookMs: 1 });
}

describe('more evidence', () => {
  test('that messages go through never makes a site worse', () => {
    holdsFor([anyPair, anySteps, anyNode, anyDepth], (pair, steps, node, depth) => {
      const probes = probesOf(steps);
      const pass = later(steps, node, depth, 'pass');
      const nowMs = Math.max(timesOf(probes).endedMs, pass.finishedAtMs);
      const before = stateOf(pair, windowAfter(pair, probes), nowMs);
      const after = stateOf(pair, windowAfter(pair, [...probes, pass]), nowMs);
      expect(badness[after]).toBeLessThanOrEqual(badness[before]);
    });
  });

  test('of a failure that votes never makes a site better', () => {
    const anyVote = fc.constantFrom(...votingClasses);
    holdsFor([anyPair, anySteps, anyNode, anyDepth, anyVote], (pair, steps, node, depth, found) => {
      const probes = probesOf(steps);
      const failure = later(steps, node, depth, found);
      const nowMs = Math.max(timesOf(probes).endedMs, failure.finishedAtMs);
      const before = stateOf(pair, windowAfter(pair, probes), nowMs);
      const after = stateOf(pair, windowAfter(pair, [...probes, failure]), nowMs);
      expect(badness[after]).toBeGreaterThanOrEqual(badness[before]);
    });
  });

  test('that only alerts never condemns a site', () => {
    const anyAlert = fc.constantFrom<Found>('auth', 'tls', 'not-allowed', 'draining', 'wrong-identity', 'probe-error');
    holdsFor([anyPair, anySteps, anyNode, anyAlert], (pair, steps, node, found) => {
      const probes = probesOf(steps);
      const alert = later(steps, node, 'full', found);
      const nowMs = Math.max(timesOf(probes).endedMs, alert.finishedAtMs);
      const before = stateOf(pair, windowAfter(pair, probes), nowMs);
      const after = stateOf(pair, windowAfter(pair, [...probes, alert]), nowMs);
      expect(after === 'down' && before !== 'down').toBe(false);
    });
  });

  test('counts the same in whatever order the nodes are heard of', () => {
    holdsFor([anyPair, anySteps], (pair, steps) => {
      const probes = probesOf(steps);
      const { endedMs } = timesOf(probes);
      const byNode = probes.toSorted((left, right) => left.node.localeCompare(right.node));
      const health = (order: NodeProbe[]) => siteHealth(windowAfter(pair, order), 'beijing', pair.probe, endedMs);
      expect(health(byNode)).toEqual(health(probes));
    });
  });

  test('is forgotten when nothing is heard for long: the site is unknown, whatever it was', () => {
    holdsFor([anyPair, anySteps], (pair, steps) => {
      const probes = probesOf(steps);
      const nowMs = timesOf(probes).endedMs + 60_000;
      expect(stateOf(pair, windowAfter(pair, probes), nowMs)).toBe('unknown');
    });
  });
});

describe('a node', () => {
  /** The results of one node that is probed in full every second. */
  const anyResults = fc.array(fc.constantFrom<'pass' | 'refused'>('pass', 'refused'), { minLength: 1, maxLength: 40 });
  const everySecond = (results: readonly Found[]) =>
    probesOf(results.map((found) => ({ node: 'bj1', depth: 'full', found, afterMs: 1_000, tookMs: 1 })));

  test('fails only by `fall` failures in a row, and is well again only by `rise` passes in a row', () => {
    holdsFor([anyPair, anyResults], (pair, results) => {
      const { fall, rise } = pair.probe;
      const state = (count: number) => nodeStateOf(windowAfter(pair, everySecond(results.slice(0, count))), 'bj1');
      const [before, after] = [state(results.length - 1), state(results.length)];
      const wasBad = before === 'failed' || before === 'recovering';
      if (after === 'failed' && !wasBad) expect(results.slice(-fall)).toEqual(Array(fall).fill('refused'));
      if (after === 'passing' && wasBad) expect(results.slice(-rise)).toEqual(Array(rise).fill('pass'));
    });
  });

  test('always fails by `fall` failures in a row, and is always well by `rise` passes in a row', () => {
    holdsFor([anyPair, anyResults], (pair, results) => {
      const { fall, rise } = pair.probe;
      const stateWith = (more: Found[]) => nodeStateOf(windowAfter(pair, everySecond([...results, ...more])), 'bj1');
      expect(stateWith(Array(fall).fill('refused'))).toBe('failed');
      expect(stateWith(Array(rise).fill('pass'))).toBe('passing');
    });
  });

  test('that answers every other time does not go to and fro: it stays failed, or it stays well', () => {
    const patient = anyPair.filter(({ probe }) => probe.fall >= 2 && probe.rise >= 2);
    holdsFor([patient, anyResults, fc.integer({ min: 2, max: 20 })], (pair, results, length) => {
      const states = (count: number) => {
        const alternating = Array.from({ length: count }, (_, index): Found => (index % 2 === 0 ? 'pass' : 'refused'));
        return nodeStateOf(windowAfter(pair, everySecond([...results, ...alternating])), 'bj1') ?? '';
      };
      const seen = Array.from({ length }, (_, index) => states(index + 2));
      const isBad = (state: string) => state === 'failed' || state === 'recovering';
      expect(new Set(seen.map(isBad)).size).toBe(1);
    });
  });
});
