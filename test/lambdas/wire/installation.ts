import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from '@jest/globals';
import { stringify } from 'yaml';
import { parseConfig } from '../../../adapters/system/loadConfig.ts';
import type { Config } from '../../../core/model/config.ts';
import { bundleFunctions, type FunctionName, functionNames } from '../../../infra/bundle.ts';
import type { Stage } from '../../../infra/stage.ts';
import { configFile } from '../../../lambdas/shared/contract.ts';
import { oneRegion, propertiesOf, templatesOf } from '../../infra/support.ts';

/** What is deployed of one function: the folder of its bundle, and the environment that its template gives it. */
export interface Deployed {
  folder: string;
  environment: Record<string, string>;
}

/** A function that is deployed once; or the watch of one vantage. */
export type DeployedName = Exclude<FunctionName, 'watch'> | `watch-${string}`;

/** The Region of the tables, and of every function but the watches of other vantages. */
export const region = oneRegion.controlRegion;

const root = mkdtempSync(join(tmpdir(), 'warren-wire-'));
afterAll(() => rmSync(root, { recursive: true }));

let bundled: ReturnType<typeof bundleFunctions> | null = null;
let count = 0;

/**
 * The functions as they would be deployed for a configuration. Code is bundled once in a file of tests: two deployments differ in
 * the configuration beside it alone.
 * @returns by name; a function that the configuration does not need is not deployed
 */
export async function install(config: object, stage: Stage = oneRegion): Promise<Map<DeployedName, Deployed>> {
  count += 1;
  const own = join(root, `deployment-${count}`);
  const [text, configPath] = [stringify(config), `${own}.yaml`];
  writeFileSync(configPath, text);
  bundled ??= bundleFunctions(join(root, 'functions'), configPath);
  const folders = await bundled;
  for (const name of functionNames) {
    cpSync(folders[name], join(own, name), { recursive: true });
    writeFileSync(join(own, name, configFile), JSON.stringify(config));
  }
  const environments = environmentsOf(stage, parseConfig(text, configPath));
  return new Map(
    environments.map(([name, environment]) => [name, { folder: join(own, name.replace(/-.*/, '')), environment }]),
  );
}

/** The environment of each function, out of the templates that would be deployed. */
function environmentsOf(stage: Stage, config: Config): [DeployedName, Record<string, string>][] {
  const templates = Object.values(templatesOf(stage, config));
  const functions = templates.flatMap((template) => propertiesOf(template, 'AWS::Lambda::Function'));
  return functions.map(({ FunctionName: name, Environment: environment }) => {
    const { Variables: variables } = environment as { Variables: Record<string, string> };
    // Behind the prefix, as in `warren-watch-ireland`.
    return [String(name).replace(/^warren-/, '') as DeployedName, variables];
  });
}
