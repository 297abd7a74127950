import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from '@jest/globals';
import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { parse, stringify } from 'yaml';
import { parseConfig } from '../../adapters/system/loadConfig.ts';
import type { Config } from '../../core/model/config.ts';
import { addStacks, type FunctionFolders } from '../../infra/stacks.ts';
import type { Stage } from '../../infra/stage.ts';

const examplePath = new URL('../../examples/cdk/warren.yaml', import.meta.url).pathname;

/** The pair of the example, with these keys in place of its own; undefined: without the key. */
export function configWith(changes: Record<string, unknown> = {}): Config {
  const { pairs, ...rest } = parse(readFileSync(examplePath, 'utf8')) as { pairs: object[] };
  return parseConfig(stringify({ ...rest, pairs: pairs.map((pair) => ({ ...pair, ...changes })) }), 'test.yaml');
}

/** What a pair says that is watched from all of `threeRegions`. */
export const votesOfThree = {
  vantages: [{ name: 'ireland', near: 'ireland' }, 'london', 'paris'],
  failover: { mode: 'automatic', quorum: 'majority' },
};

/** So many pairs that have nothing in common: hosts, secrets, alarms, topics, and targets in zones of their own. */
export function configOfDistinct(count: number): Config {
  const { pairs, ...rest } = parse(readFileSync(examplePath, 'utf8')) as { pairs: object[] };
  const own = (_: unknown, index: number) => {
    const name = `trading-${String(index).padStart(2, '0')}`;
    // A zone for each is more than Route 53 takes to be read every few seconds.
    const text = JSON.stringify({ ...pairs[0], name, probe: { every: '60s' } })
      .replaceAll('example.com', `${name}.example.com`)
      .replaceAll('warren/', `warren/${name}/`)
      .replaceAll('frankfurt-datacenter', `${name}-frankfurt-datacenter`)
      .replaceAll('warren-notifications', `warren-notifications-${name}`)
      .replaceAll('Z0123456789ABC', `Z0123456789ABCDEFGH${index + 10}`);
    return JSON.parse(text) as object;
  };
  return parseConfig(stringify({ ...rest, pairs: Array.from({ length: count }, own) }), 'test.yaml');
}

/** One Region: the smallest thing that can be deployed. */
export const oneRegion: Stage = {
  primaryRegions: ['eu-central-1'],
  controlRegion: 'eu-west-1',
  vantages: [{ name: 'ireland', region: 'eu-west-1' }],
};

/** Three vantages, and tables that survive the loss of any one of their Regions. */
export const threeRegions: Stage = {
  ...oneRegion,
  vantages: [...oneRegion.vantages, { name: 'london', region: 'eu-west-2' }, { name: 'paris', region: 'eu-west-3' }],
  store: { replicaRegions: ['eu-west-2', 'eu-west-3'] },
};

const folder = mkdtempSync(join(tmpdir(), 'warren-infra-'));
const stub = join(folder, 'stub');
mkdirSync(stub);
writeFileSync(join(stub, 'index.js'), 'exports.handler = async () => {};\n');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Folders with functions that do nothing. */
export const stubCode: FunctionFolders = { watch: stub, api: stub, alarm: stub };

const cdkJsonPath = new URL('../../cdk.json', import.meta.url).pathname;
let apps = 0;

/** An app that writes to a folder of its own, unless told with the flags of `cdk.json`. */
export function createApp({ context } = JSON.parse(readFileSync(cdkJsonPath, 'utf8')) as { context: object }): App {
  apps += 1;
  return new App({ outdir: join(folder, `out-${apps}`), context });
}

/** A stack in a Region, for one construct. */
export function createStack(region = 'eu-west-1', app = createApp()): Stack {
  return new Stack(app, 'Test', { env: { region } });
}

/** The templates of a stage, by the names of its stacks. @param config of pairs that its vantages are a quorum of */
export function templatesOf(
  stage: Stage,
  config: Config = configWith(stage.vantages.length > 1 ? votesOfThree : {}),
  app = createApp(),
): Record<string, Template> {
  const stacks = addStacks(app, stage, config, stubCode);
  return Object.fromEntries(stacks.map((stack) => [stack.stackName, Template.fromStack(stack)]));
}

/** One of several templates. */
export function templateOf(templates: Record<string, Template>, name: string): Template {
  const template = templates[name];
  if (!template) throw new Error(`there is no stack ${name}; there are ${Object.keys(templates).join(', ')}`);
  return template;
}

/** What a template has of one type: properties, by logical id. */
export function propertiesOf(template: Template, type: string): Record<string, unknown>[] {
  return Object.values(template.findResources(type)).map(({ Properties }) => Properties as Record<string, unknown>);
}
