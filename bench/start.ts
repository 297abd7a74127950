import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { bundle, bundleFunctions } from '../infra/bundle.ts';
import { codeBytes, startOnce } from './start/measure.ts';
import { type Row, startPage, startTable } from './startPage.ts';

/**
 * `npm run bench:start`: how large each function is, and how long it takes until it asks for its first event, beside a function
 * that does nothing and one that has a client of the AWS SDK.
 */
const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '15' },
    json: { type: 'boolean', default: false },
    output: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});
const usage = 'Usage: npm run bench:start -- [--rounds 15] [--json] [--output docs/benchmarks/start.md]';
const rounds = Number(values.rounds);

if (values.help) console.log(usage);
else if (!Number.isInteger(rounds) || rounds < 1) {
  console.error(`--rounds: got "${values.rounds}", expected a whole number from 1\n${usage}`);
  process.exitCode = 2;
} else await measure();

async function measure(): Promise<void> {
  const [loadBefore = 0] = loadavg();
  const interrupted = new AbortController();
  process.once('SIGINT', () => interrupted.abort());
  // By its real name: that is how a process knows the files that it has loaded.
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'warren-start-')));
  try {
    const rows = await bundled(folder);
    for (let round = 0; round <= rounds; round += 1) await startEach(rows, round, interrupted.signal);
    tell(rows, loadBefore);
  } catch (error) {
    if (!interrupted.signal.aborted) throw error;
    process.exitCode = 130;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Everything that is measured, as it would be deployed. */
async function bundled(folder: string): Promise<Row[]> {
  const pathOf = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));
  const [empty, sdk] = [join(folder, 'empty'), join(folder, 'sdk')];
  await bundle(pathOf('start/empty.ts'), empty);
  await bundle(pathOf('start/sdk.ts'), sdk);
  const functions = await bundleFunctions(folder, pathOf('../examples/cdk/warren.yaml'));
  return Object.entries({ empty, sdk, ...functions }).map(([name, each]) => ({
    name,
    folder: each,
    codeBytes: codeBytes(each),
    loadedBytes: 0,
    readyMs: [],
  }));
}

/** One after the other, so that whatever else the machine does hits all alike. The first round only fills its caches. */
async function startEach(rows: Row[], round: number, signal: AbortSignal): Promise<void> {
  for (const row of rows) {
    const { readyMs, loadedBytes } = await startOnce(row.folder, signal);
    row.loadedBytes = loadedBytes;
    if (round > 0) row.readyMs.push(readyMs);
  }
  if (process.stderr.isTTY) process.stderr.write(`\rround ${round} of ${rounds} ${round === rounds ? '\n' : ''}`);
}

function tell(rows: Row[], loadBefore: number): void {
  const circumstances = [
    `${new Date().toISOString().slice(0, 10)}; ${availableParallelism()} cores (${cpus()[0]?.model.trim()})`,
    `Node ${process.versions.node}; rounds: ${rounds}; load of the machine before: ${loadBefore.toFixed(1)}`,
  ];
  if (values.json) console.log(JSON.stringify({ circumstances, functions: rows.map(({ folder: _, ...row }) => row) }));
  else console.log([...circumstances, '', ...startTable(rows)].join('\n'));
  if (values.output) writeFileSync(values.output, startPage(rows, circumstances));
}
