import type { HealthTransition, Store } from '../../../core/flow/ports.ts';
import type { Act } from '../../../core/model/act.ts';
import type { Decision } from '../../../core/model/decision.ts';
import type { Observation } from '../../../core/model/observation.ts';

export const all = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER, limit: 100_000 };

export const hold: Decision = {
  outcome: 'hold',
  reason: 'all-well',
  sentence: 'All is well.',
  severity: 'info',
  from: null,
  to: null,
  guards: [],
};

export function decided(atMs: number, change: Partial<Decision> = {}): Parameters<Store['recordDecision']>[0] {
  return { pair: 'trading', vantage: 'host', atMs, decision: { ...hold, ...change }, health: [], fences: [] };
}

export function transition(atMs: number, sentence = 'beijing is down'): HealthTransition {
  return { pair: 'trading', vantage: 'host', site: 'beijing', atMs, from: 'up', to: 'down', sentence };
}

export function act(change: Partial<Act> = {}): Act {
  return {
    id: 'a',
    pair: 'trading',
    who: 'alice',
    via: 'cli',
    from: 'host',
    atMs: 1_000,
    verb: 'pause',
    reason: 'new disks',
    details: {},
    outcome: 'begun',
    sentence: '',
    answer: null,
    fingerprint: '',
    ...change,
  };
}

export function observation(sequence: number): Observation {
  return {
    pair: 'trading',
    vantage: 'host',
    holder: 'host:1',
    sequence,
    atMs: sequence,
    configHash: 'abc',
    evidenceGeneration: 1,
    doubt: null,
    health: { beijing: 'up' },
  };
}
