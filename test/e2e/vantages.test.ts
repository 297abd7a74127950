import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { openSqliteStore } from '../../adapters/sqlite/store.ts';
import { labConfig, labEnvironment } from '../../cli/labConfig.ts';
import { type ServiceProcess, startService } from '../../cli/serviceProcess.ts';
import type { WarrenEvent } from '../../core/model/event.ts';
import type { Operation } from '../../core/model/operation.ts';
import { labDown } from '../../lab/down.ts';
import { injectFault } from '../../lab/faults.ts';
import { restartHaproxy } from '../../lab/haproxy.ts';
import { heal } from '../../lab/heal.ts';
import type { Lab } from '../../lab/lab.ts';
import { canBlackhole } from '../../lab/network.ts';
import { labUp } from '../../lab/up.ts';
import { until } from '../../lab/wait.ts';

const names = ['shanghai-host', 'witness', 'beijing-host'];
const entry = fileURLToPath(new URL('../../bin/warren.mjs', import.meta.url));
/** A group of its own, by which the packets of one vantage can be told from those of the others. */
const ownGroup = 44_242;

interface Vantage {
  name: string;
  service: ServiceProcess;
  said: string[];
}

describe('three vantages of real clusters, of which two must agree', () => {
  let lab: Lab;
  let folder: string;
  let vantages: Vantage[] = [];
  const vantage = (name: string): Vantage => {
    const found = vantages.find((each) => each.name === name);
    if (!found) throw new Error(`there is no vantage ${name}`);
    return found;
  };

  beforeAll(async () => {
    await labDown();
    lab = await labUp({ nodesPerSite: 3 });
    folder = join(lab.directory, 'vantages');
  }, 300_000);
  afterAll(() => labDown(), 60_000);

  beforeEach(async () => {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    const text = labConfig({ nodesPerSite: 3, vantages: names, storePath: join(folder, 'warren.db') });
    writeFileSync(join(folder, 'warren.yaml'), text);
    vantages = names.map(start);
    await Promise.all(names.map((name) => seen(saidBy(name), /^Both sides are up/)));
    // Each must have written once more since the others began to listen, and the standby must have passed for a while.
    await seen(saidBy('witness'), /./, 12_000);
  }, 90_000);
  afterEach(async () => {
    for (const { service } of vantages) process.kill(service.pid, 'SIGCONT');
    reconnect();
    await Promise.all(vantages.map(({ service }) => service.stop()));
    await heal(lab);
    await restartHaproxy(lab);
  }, 90_000);

  function start(name: string): Vantage {
    const said: string[] = [];
    const configPath = join(folder, 'warren.yaml');
    const group = name === 'witness' ? ['--import', `data:text/javascript,process.setgid(${ownGroup})`] : [];
    const service = startService({
      configPath,
      environment: labEnvironment(),
      words: [...group, entry, 'run', '--config', configPath, '--vantage', name, '--json'],
      onEvent: ({ sentence }: WarrenEvent) => said.push(sentence),
    });
    return { name, service, said };
  }

  /** Waits until one of them said something like this; not before so much time has passed. */
  async function seen(said: () => string[], pattern: RegExp, afterMs = 0): Promise<void> {
    const notBefore = performance.now() + afterMs;
    await until(
      async () => {
        if (performance.now() < notBefore) return 'it is too early';
        return said().some((sentence) => pattern.test(sentence)) ? undefined : `they said: ${said().join(' | ')}`;
      },
      { what: String(pattern), timeoutMs: afterMs + 60_000 },
    );
  }

  const saidBy =
    (...who: string[]) =>
    () =>
      who.flatMap((name) => vantage(name).said);

  async function operations(): Promise<Operation[]> {
    const store = openSqliteStore(join(folder, 'warren.db'));
    try {
      return await store.listOperations('demo', { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER, limit: 10 });
    } finally {
      await store.close();
    }
  }

  test('one frozen: the other two move traffic, once; it wakes up late and changes nothing', async () => {
    const frozen = vantage('beijing-host');
    process.kill(frozen.service.pid, 'SIGSTOP');
    await injectFault(lab, 'kill-site', { site: 'beijing' });
    await seen(saidBy('witness', 'shanghai-host'), /^Failover 2 is done/);
    const saidBefore = frozen.said.length;
    process.kill(frozen.service.pid, 'SIGCONT');
    await seen(saidBy('beijing-host'), /^Traffic stays on shanghai|held up/, 10_000);
    expect(frozen.said.slice(saidBefore).filter((sentence) => /claimed|point of no return/.test(sentence))).toEqual([]);
    expect((await operations()).map(({ phase, epoch, to }) => ({ phase, epoch, to }))).toEqual([
      { phase: 'finished', epoch: 2, to: 'shanghai' },
    ]);
  }, 120_000);

  test('one cut off: it accuses nobody; the other two still move traffic when the active side dies', async () => {
    if (!(await canBlackhole())) throw new Error('this test drops packets, for which it needs nftables and root');
    cutOff();
    await seen(saidBy('witness'), /^shanghai is down/, 5_000);
    expect(await operations()).toEqual([]);
    await injectFault(lab, 'kill-site', { site: 'beijing' });
    await seen(saidBy('beijing-host', 'shanghai-host'), /^Failover \d+ is done/);
    expect((await operations()).filter(({ phase }) => phase === 'finished')).toHaveLength(1);
  }, 120_000);
});

/** Drops whatever the vantage with a group of its own sends over TCP. */
function cutOff(): void {
  const rules = [
    'add table inet warren_vantage',
    'add chain inet warren_vantage out { type filter hook output priority -10; policy accept; }',
    `add rule inet warren_vantage out meta skgid ${ownGroup} meta l4proto tcp drop`,
  ];
  execFileSync('nft', ['-f', '-'], { input: rules.join('\n') });
}

function reconnect(): void {
  try {
    execFileSync('nft', ['delete', 'table', 'inet', 'warren_vantage'], { stdio: 'ignore' });
  } catch {
    // It was not cut off.
  }
}
