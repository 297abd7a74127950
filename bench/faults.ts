import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { writeScenarioFiles } from '../cli/scenario/files.ts';
import { timesOf } from '../cli/scenario/result.ts';
import { scenariosNamed } from '../cli/scenario/scenarios.ts';
import { type OpenStage, openStage } from '../cli/scenario/stage.ts';
import { startTraffic } from '../lab/clients/traffic.ts';
import { labDown } from '../lab/down.ts';
import type { FaultName } from '../lab/faults.ts';
import { restartHaproxy, writeHaproxyConfig } from '../lab/haproxy.ts';
import { heal } from '../lab/heal.ts';
import type { Lab } from '../lab/lab.ts';
import { liftLimits } from '../lab/limits.ts';
import { labUsers } from '../lab/topology.ts';
import { labUp } from '../lab/up.ts';
import { faultsPage, type Row } from './faultsPage.ts';
import { settingsOf } from './settings.ts';

/**
 * `npm run bench:faults`: how long a client that reconnects at once goes without a confirm, for each fault, with Warren and
 * with HAProxy's own checks beside it, at the same moment on the same clusters.
 */
const faults = [
  { scenario: 'kill-primary', fault: 'kill-site' },
  { scenario: 'quorum-loss', fault: 'kill-two' },
  { scenario: 'hang-primary', fault: 'hang-site' },
  { scenario: 'blackhole', fault: 'blackhole' },
  { scenario: 'memory-alarm-votes', fault: 'memory-alarm' },
  { scenario: 'switchover', fault: 'switchover' },
] as const satisfies { scenario: string; fault: FaultName | 'switchover' }[];

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    only: { type: 'string' },
    output: { type: 'string', default: new URL('../docs/benchmarks/faults.md', import.meta.url).pathname },
    help: { type: 'boolean', default: false },
  },
});
const giveUpMs = 40_000;
/** A planned move is over by then, connections counted. */
const switchoverMs = 20_000;

if (values.help) {
  console.log('Usage: npm run bench:faults -- [--rounds 5] [--only FAULT] [--output FILE]');
} else {
  await measure(Number(values.rounds));
}

async function measure(rounds: number): Promise<void> {
  await labDown();
  const lab = await labUp({ onProgress: say });
  const rows: Row[] = faults
    .filter(({ fault }) => values.only === undefined || values.only === fault)
    .map(({ fault }) => ({
      fault,
      gapsMs: Object.fromEntries(settingsOf(lab.topology).map(({ name }) => [name, []])),
    }));
  try {
    const proxies = settingsOf(lab.topology).map(({ proxy }) => proxy);
    writeHaproxyConfig(lab, { runtimeApi: lab.topology.runtimeApi, proxies });
    for (let round = 1; round <= rounds; round += 1) {
      for (const row of rows) {
        await measureOnce(lab, row);
        say(`round ${round} of ${rounds}, ${row.fault}: ${JSON.stringify(lastOf(row))}`);
      }
      writeFileSync(values.output, faultsPage(rows, circumstances()));
    }
  } finally {
    await labDown();
  }
}

/** One fault, every setting at once. An unfinished gap is infinite. */
async function measureOnce(lab: Lab, row: Row): Promise<void> {
  const known = faults.find(({ fault }) => fault === row.fault);
  const [scenario] = scenariosNamed(known?.scenario ?? '');
  if (!known || !scenario) throw new Error(`there is no scenario for ${row.fault}`);
  await restartHaproxy(lab);
  const settings = settingsOf(lab.topology);
  const clients = await Promise.all(
    settings.map(({ proxy }) => {
      const endpoint = { address: proxy.address, port: proxy.port };
      // Warren shuts out the user of its own clients; the others must not notice.
      const user = proxy.backend === 'amqp' ? labUsers.app : labUsers.operator;
      return startTraffic({ lab, endpoint, queue: `bench.${proxy.backend}`, user, consume: false });
    }),
  );
  const stage = openStage(lab, writeScenarioFiles(lab, scenario), () => undefined);
  try {
    await Promise.all(clients.map(({ flowing }) => flowing));
    await stage.ready(60_000);
    if (known.fault === 'switchover') await stage.command('switchover', 'demo', '--reason', 'a benchmark');
    else await stage.inject(known.fault, 'beijing');
    await sleep(known.fault === 'switchover' ? switchoverMs : giveUpMs);
    await tellTimes(stage, clients[0]?.longestGap());
    settings.forEach(({ name: setting }, index) => {
      const gap = clients[index]?.longestGap();
      // HAProxy has nothing to compare with a planned move.
      if (known.fault === 'switchover' && index > 0) return;
      if (gap) row.gapsMs[setting]?.push(gap.lasting ? Number.POSITIVE_INFINITY : gap.gapMs);
    });
  } finally {
    await stage.close();
    await Promise.all(clients.map((client) => client.stop()));
    await heal(lab);
    await liftLimits(lab);
  }
}

/** Where Warren's time went, for the log. */
async function tellTimes(
  stage: OpenStage,
  gap: { gapMs: number; beganAtMs: number | null } | undefined,
): Promise<void> {
  const [operation] = await stage.operations();
  if (!operation || !gap) return;
  const flow = { longestGapMs: gap.gapMs, longestGapBeganAtMs: gap.beganAtMs };
  say(`Warren, in ms: ${JSON.stringify(timesOf(operation, stage.injectedAtMs(), flow))}`);
}

function lastOf({ gapsMs }: Row): Record<string, string> {
  const seconds = (ms: number | undefined) =>
    ms === undefined || ms === Number.POSITIVE_INFINITY ? '∞' : (ms / 1_000).toFixed(2);
  return Object.fromEntries(Object.entries(gapsMs).map(([name, all]) => [name, seconds(all.at(-1))]));
}

function circumstances(): string[] {
  const version = (program: string, ...words: string[]) => {
    try {
      return execFileSync(program, words, { encoding: 'utf8' }).split('\n')[0]?.trim() ?? '';
    } catch {
      return `${program}: version unknown`;
    }
  };
  return [
    `${new Date().toISOString().slice(0, 10)}; ${cpus().length} × ${cpus()[0]?.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GB`,
    `Node ${process.versions.node}; ${version('haproxy', '-v')}; RabbitMQ ${version('rabbitmqctl', 'version')}`,
  ];
}

function say(sentence: string): void {
  console.error(sentence);
}
