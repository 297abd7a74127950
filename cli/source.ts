import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../adapters/system/clock.ts';
import { loadConfig } from '../adapters/system/loadConfig.ts';
import type { VisibleTarget } from '../core/flow/ports.ts';
import type { Config, Pair } from '../core/model/config.ts';
import type { StoreConfig } from '../core/model/storeConfig.ts';
import { defaultLabDirectory } from '../lab/paths.ts';
import { labStatus } from '../lab/status.ts';
import { restingTargetsOf } from '../lambdas/shared/targets.ts';
import { type SecretSource, secretText } from './credentials.ts';
import { CommandError, exitCodes } from './failure.ts';
import { labConfigFile } from './labConfig.ts';
import { storeOf } from './store.ts';

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
  store: StoreConfig;
}

/** Reads the configuration a command is about. @throws ConfigError, CommandError */
export function openSource(options: SourceOptions): Source {
  const configPath = options.config ?? defaultConfig();
  const config = loadConfig(configPath);
  return { config, configPath, store: storeOf(config, configPath, options.store) };
}

function defaultConfig(): string {
  const own = 'warren.yaml';
  const ofLab = join(defaultLabDirectory(), labConfigFile);
  return !existsSync(own) && existsSync(ofLab) && labStatus().running ? ofLab : own;
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
export function targetsOf(pair: Pair, secrets: SecretSource): VisibleTarget[] {
  return restingTargetsOf(pair, { clock: systemClock, secretText: (reference) => secretText(reference, secrets) });
}
