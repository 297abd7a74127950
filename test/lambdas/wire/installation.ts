import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from '@jest/globals';
import { stringify } from 'yaml';
import { parseConfig } from '../../../adapters/system/loadConfig.ts';
import type { Config } from '../../../core/model/config.ts';
import { bundleFunctions, type FunctionName, functionNames } from '../../../infra/bundle.ts';
import { configFile } from '../../../lambdas/shared/contract.ts';
import { oneRegion, propertiesOf, templatesOf } from '../../infra/support.ts';

/** What is deployed of one function: the folder of its bundle, and the environment that its template gives it. */
export interface Deployed {
  folder: string;
  environment: Record<string, string>;
}

/** The Region of the tables and of every function. */
export const region = oneRegion.controlRegion;

const root = mkdtempSync(join(tmpdir(), 'warren-wire-'));
afterAll(() => rmSync(root, { recursive: true }));

let bundled: ReturnType<typeof bundleFunctions> | null = null;
let count = 0;

/**
 * The functions as they would be deployed for a configuration, in one Region. Code is bundled once in a file of tests: two
 * deployments differ in the configuration beside it alone.
 * @returns by name; a function that the configuration does not need is not deployed
 */
export async function install(config: object): Promise<Map<FunctionName, Deployed>> {
  count += 1;
  const own = join(root, `deployment-${count}`);
  const [text, configPath] = [stringify(config), `${own}.yaml`];
  writeFileSync(configPath, text);
  bundled ??= bundleFunctions(join(root, 'functions'), configPath);
  const folders = await bundled;
  const environments = environmentsOf(parseConfig(text, configPath));
  const deployed = functionNames.flatMap((name): [FunctionName, Deployed][] => {
    const environment = environments.get(name);
    if (!environment) return [];
    const folder = join(own, name);
    cpSync(folders[name], folder, { recursive: true });
    writeFileSync(join(folder, configFile), JSON.stringify(config));
    return [[name, { folder, environment }]];
  });
  return new Map(deployed);
}

/** The environment of each function, out of the templates that would be deployed. */
function environmentsOf(config: Config): Map<string, Record<string, string>> {
  const templates = Object.values(templatesOf(oneRegion, config));
  const functions = templates.flatMap((template) => propertiesOf(template, 'AWS::Lambda::Function'));
  return new Map(
    functions.map(({ FunctionName: name, Environment: environment }) => {
      const { Variables: variables } = environment as { Variables: Record<string, string> };
      // `warren-watch-ireland`: the second word says which function it is.
      return [String(name).split('-')[1] ?? '', variables];
    }),
  );
}
