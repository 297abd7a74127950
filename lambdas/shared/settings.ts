import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { type Config, configSchema } from '../../core/model/config.ts';
import { configProblems } from '../../core/model/configRules.ts';
import { configFile, environmentNames } from './contract.ts';

/** What a function is told by its environment. */
export interface Settings {
  config: Config;
  /** The file it comes from: `file:` references are relative to it. */
  configPath: string;
  environment: NodeJS.ProcessEnv;
  /** The function's own name among the vantages; undefined: it was given none. */
  vantage: string | undefined;
  stateTable: string;
  historyTable: string;
  /** Undefined: the function's own Region. */
  storeRegion: string | undefined;
}

/** The environment, or the configuration beside the bundle, is not as the function needs it. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
}

/** Reads the environment, and the configuration it names. @throws SettingsError */
export function readSettings(environment: NodeJS.ProcessEnv): Settings {
  const folder = environment.LAMBDA_TASK_ROOT ?? process.cwd();
  const configPath = resolve(folder, environment[environmentNames.config] || configFile);
  return {
    config: readConfig(configPath),
    configPath,
    environment,
    vantage: environment[environmentNames.vantage] || undefined,
    stateTable: required(environment, environmentNames.stateTable),
    historyTable: required(environment, environmentNames.historyTable),
    storeRegion: environment[environmentNames.storeRegion] || undefined,
  };
}

/** True while the kill switch is on: a function has no file to be switched by. */
export function isSwitchedOff({ environment }: Pick<Settings, 'environment'>): boolean {
  return environment[environmentNames.observe] === '1';
}

function required(environment: NodeJS.ProcessEnv, name: string): string {
  return environment[name] || fail(`The environment variable ${name} is not set.`);
}

/** What was validated when it was bundled is checked again, without the words for people: those cost time at each start. */
function readConfig(path: string): Config {
  const parsed = configSchema.safeParse(readJson(path));
  if (!parsed.success) return fail(`${path} is no valid configuration: ${paths(parsed.error.issues)}.`);
  const problems = configProblems(parsed.data.pairs);
  return problems.length === 0 ? parsed.data : fail(`${path} is no valid configuration: ${problems[0]?.path}.`);
}

function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    // The parser's own message would quote the file.
    return fail(`${path} cannot be read as JSON (${(error as NodeJS.ErrnoException).code ?? 'a mistake in it'}).`);
  }
}

function paths(issues: readonly { path: PropertyKey[] }[]): string {
  return issues.map(({ path }) => path.map(String).join('.') || '(file)').join(', ');
}

function fail(sentence: string): never {
  throw new SettingsError(sentence);
}
