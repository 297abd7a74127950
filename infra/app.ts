import { App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { ConfigError, loadConfig } from '../adapters/system/loadConfig.ts';
import type { Config } from '../core/model/config.ts';
import { environmentNames } from '../lambdas/shared/contract.ts';
import { defaultRunbookUrl } from './alarms.ts';
import { bundleFunctions } from './bundle.ts';
import { hostStoreRemarks } from './hostStore.ts';
import { absentVoters } from './quorum.ts';
import { RefusalError, stageTables, storeRegions, votersOf } from './refusals.ts';
import { survivalSentence } from './regions.ts';
import { addStacks } from './stacks.ts';
import type { Stage } from './stage.ts';
import { stages } from './stages.ts';

/**
 * What `npx cdk` runs: every stack of one stage, for the pairs of one configuration. `-c stage=NAME`, or the first;
 * `-c config=FILE`, or WARREN_CONFIG, or `warren.yaml`.
 */
async function main(): Promise<void> {
  const app = new App();
  const configPath = String(app.node.tryGetContext('config') ?? process.env[environmentNames.config] ?? 'warren.yaml');
  const stage = stageNamed(app.node.tryGetContext('stage'));
  const config = loadConfig(configPath);
  addStacks(app, stage, config, await bundleFunctions('dist/functions', configPath));
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  app.synth();
  for (const sentence of remarks(stage, config)) console.log(sentence);
}

/** What is allowed, and whoever deploys should know. */
function remarks(stage: Stage, config: Config): string[] {
  const unread = `Alarms link to ${defaultRunbookUrl}, which nobody can open in a mail: set runbookUrl of the stage to where your people read it.`;
  return [
    survivalSentence(storeRegions(stage)),
    ...absentVoters(votersOf(stage), config),
    ...hostStoreRemarks(config, stageTables(stage), stage.vantagesElsewhere ?? []),
    ...(stage.runbookUrl === undefined ? [unread] : []),
  ];
}

/** @throws Error */
function stageNamed(name: unknown): Stage {
  const known: Record<string, Stage> = stages;
  const [first = ''] = Object.keys(known);
  const stage = known[String(name ?? first)];
  if (stage) return stage;
  throw new Error(`stage: got ${String(name)}, expected one of ${Object.keys(known).join(', ')} (infra/stages.ts)`);
}

await main().catch((error) => {
  if (!(error instanceof RefusalError || error instanceof ConfigError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
});
