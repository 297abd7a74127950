import { execFile } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ChannelModel } from 'amqplib';
import { limitIn } from '../../adapters/rabbitmq/fenceAnswers.ts';
import { killSwitchFile } from '../../cli/killSwitch.ts';
import { writeLabConfig } from '../../cli/labConfig.ts';
import { startWarren, type WarrenProcess } from '../../cli/scenario/warrenProcess.ts';
import { closed, connectClient, destroy } from '../../lab/clients/connection.ts';
import { knock } from '../../lab/clients/knocker.ts';
import { labDown } from '../../lab/down.ts';
import type { Lab } from '../../lab/lab.ts';
import { management } from '../../lab/management.ts';
import { type LabSite, labUsers, siteOf } from '../../lab/topology.ts';
import { labUp } from '../../lab/up.ts';
import { until } from '../../lab/wait.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const bootTimeoutMs = 300_000;
const stepTimeoutMs = 60_000;
const knockMs = 1_000;

/** The fenced blocks of "Move traffic without Warren", by the step they stand in. */
const steps = stepsOf(readFileSync(new URL('../../docs/runbook.md', import.meta.url), 'utf8'));

function stepsOf(runbook: string): Map<string, string[]> {
  const [, chapter = ''] = runbook.split('\n## Move traffic without Warren\n');
  const [own = ''] = chapter.split('\n## ');
  const [, ...parts] = own.split('\n### ');
  return new Map(
    parts.map((part) => {
      const [title = ''] = part.split('\n');
      return [title, [...part.matchAll(/^```\n([\s\S]*?)^```$/gm)].map(([, block = '']) => block)];
    }),
  );
}

/** Runs a block as it stands. Rejects when anything in it fails. */
function shell(block: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { cwd: root, timeout: stepTimeoutMs };
    execFile('bash', ['-euo', 'pipefail', '-c', block], options, (error, stdout, stderr) => {
      if (error) reject(new Error(`${block}ended with ${error.code}: ${stdout}${stderr}`));
      else resolve(stdout);
    });
  });
}

describe('moving traffic without Warren, by the blocks of the runbook', () => {
  let lab: Lab;
  let beijing: LabSite;
  let shanghai: LabSite;
  let configPath: string;
  let warren: WarrenProcess | undefined;
  const tried: string[] = [];
  const clients: ChannelModel[] = [];

  beforeAll(async () => {
    await labDown();
    lab = await labUp({ nodesPerSite: 3 });
    beijing = siteOf(lab.topology, 'beijing');
    shanghai = siteOf(lab.topology, 'shanghai');
    configPath = writeLabConfig(lab.directory, 3);
    warren = watch();
    await decided('all-well');
    await warren.stop();
  }, bootTimeoutMs);
  afterAll(async () => {
    for (const client of clients) destroy(client);
    await warren?.stop();
    await labDown();
  }, stepTimeoutMs);

  const watch = () => startWarren({ configPath, environment: {}, onEvent: () => {} });

  async function decided(reason: string): Promise<string> {
    const isIt = ({ kind, data }: { kind: string; data: { decision?: unknown } }) =>
      kind === 'decision' && (data.decision as { reason: string }).reason === reason;
    if (!warren) throw new Error('Warren does not run');
    const told = await warren.until(isIt, { what: `the decision ${reason}`, timeoutMs: 30_000, since: 0 });
    return told.sentence;
  }

  /** Runs one block of a step. */
  async function run(step: string, index = 0): Promise<string> {
    const block = steps.get(step)?.[index];
    if (block === undefined) throw new Error(`the runbook has no block ${index} in the step "${step}"`);
    tried.push(block);
    return await shell(block);
  }

  /** An application's connection, which is kept. */
  async function connect(to: { address: string; port: number }): Promise<ChannelModel> {
    const client = await connectClient(to, labUsers.app, 'lab runbook');
    clients.push(client);
    return client;
  }

  const clusterOf = (client: ChannelModel) =>
    (client.connection.serverProperties as unknown as Record<string, unknown>).cluster_name;

  /** The limit of the application's user, as each node of the side tells it. */
  async function limits({ nodes }: LabSite): Promise<unknown[]> {
    const answers = await Promise.all(nodes.map((node) => management(node, `user-limits/${labUsers.app.name}`)));
    return answers.map((answer) => (answer.status === 200 ? limitIn(answer.body) : answer));
  }

  const knocks = (site: LabSite) =>
    Promise.all([knock(site, labUsers.app, knockMs), knock(site, labUsers.probe, knockMs)]);

  const states = (told: string) => told.match(/^(bj|sh)\d .*$/gm)?.map((line) => line.split(' '));

  test('1. shows where traffic goes, and how much of it', async () => {
    const client = await connect(lab.topology.endpoint);
    expect(clusterOf(client)).toBe('beijing');
    const servers = states(await run('1. Look'));
    expect(servers?.map(([name, , state]) => `${name} ${state}`)).toEqual([
      ...['bj1 UP', 'bj2 UP', 'bj3 UP'],
      ...['sh1 MAINT', 'sh2 MAINT', 'sh3 MAINT'],
    ]);
    expect(servers?.map(([, sessions]) => Number(sessions)).reduce((sum, count) => sum + count)).toBe(1);
  });

  test(
    '2. sends traffic to the other side, and nobody stays on the old one',
    async () => {
      const gone = Promise.all(clients.map(closed));
      const answers = await run('2. Send traffic to the other side');
      expect(answers.trim()).toBe('');
      await gone;
      expect(clusterOf(await connect(lab.topology.endpoint))).toBe('shanghai');
      const servers = states(await run('2. Send traffic to the other side', 1));
      expect(servers?.map(([name, , state]) => `${name} ${state}`)).toEqual([
        ...['bj1 MAINT', 'bj2 MAINT', 'bj3 MAINT'],
        ...['sh1 UP', 'sh2 UP', 'sh3 UP'],
      ]);
      expect(servers?.slice(0, 3).map(([, sessions]) => sessions)).toEqual(['0', '0', '0']);
    },
    stepTimeoutMs,
  );

  test('3. shows the limits that there are', async () => {
    expect(limitIn(JSON.parse(await run('3. Write down the limits of the old side')))).toBe(null);
  });

  test(
    '4. shuts applications out at every node of the old side, and the probe not',
    async () => {
      const old = beijing.nodes.map(({ address, amqpPort }) => connect({ address, port: amqpPort }));
      const gone = Promise.all((await Promise.all(old)).map(closed));
      await run('4. Fence the old side');
      await gone;
      const [app, probe] = await knocks(beijing);
      expect(app.tried).toBeGreaterThanOrEqual(3);
      expect(app.letIn).toBe(0);
      expect(probe.letIn).toBe(probe.tried);
      expect((await knock(shanghai, labUsers.app, knockMs)).letIn).toBeGreaterThan(0);
    },
    stepTimeoutMs,
  );

  test(
    '5. shows at each node that the fence holds',
    async () => {
      await until(
        async () => {
          const lines = (await run('5. Read the fence back at each node')).trim().split('\n');
          const hold = lines.filter((line) => /"max-connections":0\D.*\[\]$/.test(line));
          return hold.length === 3 && lines.length === 3 ? undefined : `it shows ${lines.join(' ')}`;
        },
        { what: 'the fence to be read back', timeoutMs: 10_000, everyMs: 1_000 },
      );
      expect(await limits(beijing)).toEqual([0, 0, 0]);
    },
    stepTimeoutMs,
  );

  test(
    '6. shows what is left there, and puts back the limit that there was, or none',
    async () => {
      expect(Array.isArray(JSON.parse(await run('6. Lift the fence')))).toBe(true);
      await run('6. Lift the fence', 1);
      expect(await limits(beijing)).toEqual([500, 500, 500]);
      await run('6. Lift the fence', 2);
      expect(await limits(beijing)).toEqual([null, null, null]);
      const [app] = await knocks(beijing);
      expect(app.letIn).toBe(app.tried);
    },
    stepTimeoutMs,
  );

  test(
    '7. tells Warren, which has seen a foreign edit and moved nothing',
    async () => {
      // As its first paragraph says: Warren must not act before it was told.
      const observe = join(dirname(configPath), killSwitchFile);
      writeFileSync(observe, '');
      warren = watch();
      expect(await decided('foreign-edit')).toContain('sends traffic to shanghai, but beijing was decided');
      expect(await run('7. Tell Warren')).toContain('takes shanghai as the side where traffic should be');
      await decided('adopt-by-person');
      rmSync(observe);
      expect(await decided('all-well')).toContain('traffic is on shanghai');
      expect(warren.events.filter(({ kind }) => kind === 'operation')).toEqual([]);
      expect(clusterOf(await connect(lab.topology.endpoint))).toBe('shanghai');
    },
    stepTimeoutMs,
  );

  test('leaves no block untried', () => {
    const all = [...steps.values()].flat();
    expect(all.length).toBeGreaterThan(0);
    expect([...new Set(tried)].sort()).toEqual([...new Set(all)].sort());
  });
});
