import { refusalWords } from '../../explain/control.ts';
import type { FleetPolicy, Pair } from '../../model/config.ts';
import type { Clock, Fencer, Store, VisibleTarget } from '../ports.ts';
import type { StatusSource } from '../status.ts';
import { refuse } from './refuse.ts';

/** What the control of one configuration and its store needs of the outside. */
export interface ControlOptions {
  pairs: readonly Pair[];
  fleet: FleetPolicy;
  store: Store;
  clock: Clock;
  /** They are read, and never written: what a person asks for is done by the running service. */
  targetsOf(pair: Pair): VisibleTarget[];
  /** Counts what is on each side; null, or none at all: nothing is counted. */
  fencer?: (pair: Pair) => Pick<Fencer, 'survey'> | null;
  /** Unique, also among processes. */
  newId(): string;
  /** A digest of a text in hexadecimal digits, at least eight. */
  fingerprint(text: string): string;
  /** Whether the switch is on, as far as this process can tell. */
  killSwitch(): boolean;
  /** Closes what was opened for this control alone; none: nothing was. */
  close?: () => Promise<void>;
}

/** One pair by name. @throws Refusal `unknown-pair` that names those there are */
export function pairNamed({ pairs }: ControlOptions, name: string): Pair {
  const found = pairs.find((pair) => pair.name === name);
  const known = pairs.map((pair) => pair.name);
  return found ?? refuse('unknown-pair', refusalWords.unknownPair(name, known));
}

/** What the status of a pair is read from. */
export function sourceOf({ fleet, store, clock, targetsOf, killSwitch }: ControlOptions, pair: Pair): StatusSource {
  return { pair, fleet, store, clock, targets: targetsOf(pair), killSwitch: killSwitch() };
}
