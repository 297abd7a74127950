import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseConfig } from '../../adapters/system/loadConfig.ts';
import type { HaproxyTargetConfig } from '../../core/model/targets/haproxy.ts';
import type { Lab } from '../../lab/lab.ts';
import { labConfig, labEnvironment } from '../labConfig.ts';
import type { Scenario } from './scenario.ts';

/** What a scenario leaves on disk while it plays: a configuration and a store, in a folder of the lab's. */
export interface ScenarioFiles {
  configPath: string;
  storePath: string;
  environment: Record<string, string>;
  haproxy: HaproxyTargetConfig;
  /** How long a healthy site takes to become a destination. */
  riseMs: number;
}

/** Writes the lab's configuration with the scenario's changes, and starts from no store. */
export function writeScenarioFiles(lab: Lab, scenario: Scenario): ScenarioFiles {
  const folder = join(lab.directory, 'scenario');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const configPath = join(folder, 'warren.yaml');
  const storePath = join(folder, 'warren.db');
  const { probe = {}, failover = {} } = scenario;
  const { nodesPerSite } = lab.topology;
  const text = labConfig({ nodesPerSite, storePath, probe, failover });
  writeFileSync(configPath, text);
  const [pair] = parseConfig(text, configPath).pairs;
  const haproxy = pair?.targets[0]?.haproxy;
  if (!pair || !haproxy) throw new Error('the configuration of the lab has no target');
  const riseMs = (pair.probe.rise + 1) * pair.probe.recheckMs;
  return { configPath, storePath, environment: labEnvironment(), haproxy, riseMs };
}
