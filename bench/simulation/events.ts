import type { NodeState } from '../../adapters/memory/fencer.ts';
import type { Pair } from '../../core/model/config.ts';
import type { FailureClass } from '../../core/model/probe.ts';

/** What a person may do in a trace. */
export const personActs = [
  'switchover',
  'switchover-later',
  'failover',
  'failover-overridden',
  'drill',
  'cancel',
  'ack',
  'adopt',
  'restore',
  'pause',
  'resume',
  'pause-all',
  'resume-all',
  'maintenance',
  'end-maintenance',
  'retry',
  'approve',
] as const;
export type PersonAct = (typeof personActs)[number];

/**
 * What happens in a trace: values, so that one can be left out and the rest played again. What lasts ends by itself after
 * `forMs`. `seenBy` names the vantages that are cut off; null: it is true, and everybody sees it.
 */
export type Happening =
  | { kind: 'fault'; site: string; nodes: string[]; class: FailureClass; seenBy: string[] | null; forMs: number }
  /** So many nodes crash that the others have no majority left. */
  | { kind: 'minority'; site: string; crashed: string[]; left: string[]; forMs: number }
  /**
   * In maintenance mode: AMQP listeners are closed. Where management still answers it says so; where its listener is closed as well,
   * as on 4.0.5, only peers can.
   */
  | { kind: 'drained'; site: string; nodes: string[]; management: 'answers' | 'closed'; forMs: number }
  /**
   * One node of several hangs. Until its peers have given it up, a minute later, they serve and write no metadata; limits that are
   * written meanwhile take effect afterwards, or never. What was longer away than that comes back `split`, without knowing it,
   * and stays so until somebody restarts it.
   */
  | {
      kind: 'hung-node';
      site: string;
      node: string;
      peers: string[];
      landsLater: boolean;
      splitMs: number;
      forMs: number;
    }
  /** The network between some nodes and some vantages fails (null: between them and everybody), and a node that lost its peers pauses. */
  | { kind: 'cut'; site: string; ways: Way[]; paused: string[]; forMs: number }
  | { kind: 'network'; vantage: string; site: string; latencyMs: number; lossShare: number; forMs: number }
  | { kind: 'broken'; site: string; node: string }
  | { kind: 'references-dark'; vantage: string; forMs: number }
  | { kind: 'store-gone'; vantage: string | null; forMs: number }
  | { kind: 'store-slow'; latencyMs: number; forMs: number }
  | {
      kind: 'store-answer-lost';
      vantage: string;
      method: StoreWrite;
      error: 'unavailable' | 'conflict';
      tookEffect: boolean;
      /** Which such write of the vantage from now on. */
      nth: number;
    }
  /** A vantage: only from there. */
  | { kind: 'target-unreadable'; target: string; vantage: string | null; forMs: number }
  /** The next flip lands so long after its caller gave up. */
  | { kind: 'target-late'; target: string; afterMs: number }
  | { kind: 'target-fails'; target: string; times: number; tookEffect: boolean }
  | { kind: 'target-slow'; latencyMs: number; forMs: number }
  | { kind: 'target-restarts'; target: string }
  | { kind: 'target-edited'; target: string; active: string }
  | { kind: 'management'; site: string; node: string; state: NodeState; takesWrites: boolean; forMs: number }
  | { kind: 'limits-land-late'; forMs: number }
  /** What is written to the limits of these nodes takes effect there so much later, and until then they say what was there before. */
  | { kind: 'limits-lag'; site: string; nodes: string[]; lagMs: number; forMs: number }
  | { kind: 'limit'; pair: string; site: string; value: number | null }
  /** A single read of a vantage, or one look at its references. */
  | {
      kind: 'read-fails';
      vantage: string;
      what: Readable;
      /** It fails, or is late by so much. */
      lateMs: number | null;
      /** Which such read from now on. */
      nth: number;
    }
  /** A host is gone, with all that runs there, and comes back. */
  | { kind: 'dead'; vantage: string; forMs: number }
  /** Where runs are scheduled: none is started. */
  | { kind: 'runs-missed'; vantage: string; forMs: number }
  /** Where runs are scheduled: each is started twice, at once. */
  | { kind: 'runs-doubled'; vantage: string; forMs: number }
  | { kind: 'killed'; vantage: string; nth: number | null; phase: Phase; forMs: number }
  | { kind: 'frozen'; vantage: string; nth: number | null; phase: Phase; suspended: boolean; forMs: number }
  | { kind: 'clock-jumps'; vantage: string; byMs: number }
  | { kind: 'hook'; answer: 'refuse' | 'silent'; forMs: number }
  | { kind: 'kill-switch'; forMs: number }
  | { kind: 'second-process'; vantage: string; forMs: number }
  /** The process of the vantage is started again with another mode, as while a new configuration is rolled out. */
  | { kind: 'reconfigured'; vantage: string; mode: FailoverMode; forMs: number }
  /** The store is empty from now on. */
  | { kind: 'store-lost' }
  /** `holdMs`: how long a drill stays on the other side; without it, as configured. */
  | { kind: 'person'; act: PersonAct; pair: string; site: string; forMs: number; holdMs?: number };

/** Between a vantage and a node; null: between it and everybody. */
export interface Way {
  vantage: string | null;
  node: string;
}

/** What a process writes to the store. */
export const storeWrites = [
  'writePair',
  'writeFleet',
  'saveOperation',
  'recordDecision',
  'recordTransition',
  'writeObservation',
] as const;
export type StoreWrite = (typeof storeWrites)[number];

/** What a process reads of the store. */
export const storeReads = ['readPair', 'readFleet', 'listObservations', 'listDecisions', 'listOperations'] as const;
export type StoreRead = (typeof storeReads)[number];

/** What a process reads; `target`: whichever it is. */
export const readables = [...storeReads, 'target', 'references'] as const;
export type Readable = (typeof readables)[number];

export type FailoverMode = Pair['failover']['mode'];

/** Right before or right after a write of the pair's record. */
export type Phase = 'before' | 'after';

export type Event = Happening & { atMs: number };

/** The event as a line of a transcript, in the words of the scenarios. */
export function eventLine(event: Event): string {
  const { kind, atMs: _, ...rest } = event;
  const words = Object.entries(rest).map(([key, value]) => {
    if (key.endsWith('Ms')) return `${key.slice(0, -2)} ${(Number(value) / 1_000).toFixed(1)}s`;
    return `${key} ${Array.isArray(value) ? value.map(listed).join(',') : value}`;
  });
  return [kind, ...words].join(' ');
}

const listed = (item: string | Way) =>
  typeof item === 'string' ? item : `${item.vantage ?? 'everybody'}-${item.node}`;
