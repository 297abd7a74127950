import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { createMemoryStore } from '../adapters/memory/store.ts';
import { openSqliteStore } from '../adapters/sqlite/store.ts';
import { systemClock } from '../adapters/system/clock.ts';
import { loadConfig } from '../adapters/system/loadConfig.ts';
import type { Store, Target } from '../core/flow/ports.ts';
import type { Config, Pair } from '../core/model/config.ts';
import { defaultLabDirectory } from '../lab/paths.ts';
import { labStatus } from '../lab/status.ts';
import { restingTargetsOf } from '../lambdas/shared/targets.ts';
import { type SecretSource, secretText } from './credentials.ts';
import { CommandError, exitCodes } from './failure.ts';
import { labConfigFile } from './labConfig.ts';

/** Options that say which configuration and which store a command is about, or which Warren elsewhere. */
export interface SourceOptions {
  config?: string;
  store?: string;
  /** Of the API of a Warren elsewhere. */
  url?: string;
  tokenFile?: string;
  insecure?: boolean;
  /** The Region for which requests are signed, instead of a token. */
  sign?: string;
}

/** A configuration, and where its store is. */
export interface Source {
  config: Config;
  configPath: string;
  storePath: string;
}

/** Reads the configuration a command is about. @throws ConfigError */
export function openSource(options: SourceOptions): Source {
  const configPath = options.config ?? defaultConfig();
  const config = loadConfig(configPath);
  return { config, configPath, storePath: storePathOf(config, configPath, options.store) };
}

/** The store is relative to the configuration; one given on the command line is relative to the current folder. */
export function storePathOf(config: Config, configPath: string, given?: string): string {
  return given === undefined ? resolve(dirname(configPath), config.store) : resolve(given);
}

function defaultConfig(): string {
  const own = 'warren.yaml';
  const ofLab = join(defaultLabDirectory(), labConfigFile);
  return !existsSync(own) && existsSync(ofLab) && labStatus().running ? ofLab : own;
}

/**
 * Opens the store to look into. One that does not exist yet is empty, and is not created by looking.
 * @throws StoreUnavailable
 */
export function openForReading({ storePath }: Source): Store {
  return existsSync(storePath) ? openSqliteStore(storePath) : createMemoryStore();
}

/** One pair by name. @throws CommandError that names those there are */
function pairNamed({ config }: Source, name: string): Pair {
  const pair = config.pairs.find((candidate) => candidate.name === name);
  if (pair) return pair;
  const known = config.pairs.map((candidate) => candidate.name).join(', ');
  throw new CommandError(`There is no pair "${name}". The configuration has: ${known}.`, exitCodes.badInput);
}

/** The pair of this name, or all of them. @throws CommandError */
export function pairsNamed(source: Source, name?: string): Pair[] {
  return name === undefined ? source.config.pairs : [pairNamed(source, name)];
}

/** The targets of a pair, to look at now and then. */
export function targetsOf(pair: Pair, secrets: SecretSource): Target[] {
  return restingTargetsOf(pair, { clock: systemClock, secretText: (reference) => secretText(reference, secrets) });
}
