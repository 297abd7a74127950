import { randomInt } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { type Checkpoint, digestOfSources, readCheckpoint, writeCheckpoint } from './simulation/checkpoint.ts';
import { endless, startCrew } from './simulation/crew.ts';
import { runTrace } from './simulation/run.ts';
import { shrink } from './simulation/shrink.ts';
import { simulationPage } from './simulation/simulationPage.ts';
import { addOutcome, type Counted, newTotals, type Took, type Totals, totalsLines } from './simulation/statistics.ts';
import { createTrace } from './simulation/trace.ts';

/** `npm run simulate`: many random stories against the real core, and whether any of them breaks a promise. */
const { values } = parseArgs({
  options: {
    traces: { type: 'string', default: '1000' },
    seed: { type: 'string', default: '1' },
    from: { type: 'string', default: '0' },
    jobs: { type: 'string', default: String(availableParallelism()) },
    trace: { type: 'string' },
    verbose: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    output: { type: 'string' },
    checkpoint: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});
const usage = `Usage: npm run simulate -- [--traces 1000] [--seed 1 | random] [--from 0] [--jobs CORES] [--json] [--output FILE]
                             [--checkpoint FILE]             of a long run: interrupted, the same command goes on from there
       npm run simulate -- --seed 1 --trace N [--verbose]   plays one trace, and makes it smaller if it breaks a promise`;

/** So many traces lie between two checkpoints. */
const chapterTraces = 20_000;

const checkpoint = values.help ? null : earlierRun();
const seed = checkpoint?.seed ?? (values.seed === 'random' ? randomInt(2 ** 31) : wholeNumber('seed'));
let toldAtMs = checkpoint?.took.wallMs ?? 0;

if (values.help) console.log(usage);
else if (values.trace !== undefined) await replay(wholeNumber('trace'));
else await simulate(wholeNumber('traces'), wholeNumber('from'), wholeNumber('jobs'));

/** @throws Error */
function wholeNumber(name: 'seed' | 'traces' | 'from' | 'jobs' | 'trace'): number {
  const value = Number(values[name]);
  if (Number.isSafeInteger(value) && value >= 0) return value;
  console.error(`--${name}: got ${values[name]}, expected a whole number`);
  process.exit(2);
}

/** @returns what a run with the same checkpoint came to before it was interrupted */
function earlierRun(): Checkpoint | null {
  if (!values.checkpoint) return null;
  try {
    return readCheckpoint(
      values.checkpoint,
      values.seed === 'random' ? null : wholeNumber('seed'),
      wholeNumber('from'),
    );
  } catch (error) {
    console.error(`--checkpoint: ${(error as Error).message}`);
    process.exit(2);
  }
}

/** Plays many traces on several cores. Interrupted, it tells what there is. */
async function simulate(traces: number, from: number, jobs: number): Promise<void> {
  const totals = checkpoint?.totals ?? newTotals();
  const took = startWatch(checkpoint?.took);
  if (!values.json) console.log(`seed: ${seed}`);
  const end = from + traces;
  const interrupted = new AbortController();
  process.once('SIGINT', () => interrupted.abort());
  for (let next = checkpoint?.next ?? from; next < end && !interrupted.signal.aborted; ) {
    const to = values.checkpoint ? Math.min(end, next + chapterTraces) : end;
    await playChapter({ from: next, to, jobs }, interrupted.signal, (counted) => {
      addOutcome(totals, counted);
      tellViolation(counted);
      progress(totals, traces, took().wallMs);
    });
    next = to;
    if (values.checkpoint && !interrupted.signal.aborted)
      writeCheckpoint(values.checkpoint, { seed, from, next, took: took(), sources: digestOfSources(), totals });
  }
  if (process.stderr.isTTY) process.stderr.write('\n');
  tellTotals(totals, took());
  const [first] = totals.violations.toSorted((one, other) => one.number - other.number);
  if (first && first.invariant !== endless && !values.json) await replay(first.number);
  process.exitCode = totals.violations.length > 0 ? 1 : 0;
}

/** @param before what an earlier part of the same run took */
function startWatch(before: Took = { wallMs: 0, processorMs: 0 }): () => Took {
  const begunAtMs = performance.now();
  return () => {
    const { user, system } = process.cpuUsage();
    return {
      wallMs: Math.round(before.wallMs + performance.now() - begunAtMs),
      processorMs: Math.round(before.processorMs + (user + system) / 1_000),
    };
  };
}

interface Chapter {
  from: number;
  to: number;
  jobs: number;
}

/** Plays the traces of a range, each core every so manyth of them. */
async function playChapter(
  { from, to, jobs }: Chapter,
  interrupted: AbortSignal,
  onOutcome: (counted: Counted) => void,
) {
  const crews = Array.from({ length: Math.min(jobs, to - from) }, (_, index) =>
    startCrew({ seed, from: from + index, to, step: jobs }, onOutcome),
  );
  const stop = () => void Promise.all(crews.map((crew) => crew.stop()));
  interrupted.addEventListener('abort', stop);
  await Promise.all(crews.map(({ ended }) => ended));
  interrupted.removeEventListener('abort', stop);
}

/** At once: a long run need not end for somebody to begin to look. */
function tellViolation({ number, violations: [first] }: Counted): void {
  if (!first) return;
  const newLine = process.stderr.isTTY ? '\n' : '';
  process.stderr.write(`${newLine}trace ${number}: ${first.invariant}: ${first.detail}\n`);
}

/** On a terminal one line that changes, elsewhere a line a minute. */
function progress({ traces, violations }: Totals, of: number, tookMs: number): void {
  const { isTTY } = process.stderr;
  if (!isTTY && tookMs < toldAtMs + 60_000) return;
  toldAtMs = tookMs;
  const rate = (traces / (tookMs / 1_000)).toFixed(1);
  const line = `${traces} of ${of} traces, ${rate} per second, ${violations.length} violations`;
  process.stderr.write(isTTY ? `\r${line} ` : `${line}\n`);
}

function tellTotals(totals: Totals, took: Took): void {
  if (values.json) console.log(JSON.stringify({ seed, ...took, ...totals }));
  else console.log(totalsLines(totals, took).join('\n'));
  for (const { number, invariant } of values.json ? [] : totals.violations)
    console.log(`  ${invariant}: ${command(number)}`);
  if (values.output) writeFileSync(values.output, simulationPage(totals, took, circumstances()));
}

/** One trace; if it breaks a promise, what is left of it when all that does not matter is left out. */
async function replay(number: number): Promise<void> {
  console.log(`seed ${seed}, trace ${number}`);
  const trace = createTrace(seed, number);
  const outcome = await runTrace(trace);
  const [violation] = outcome.violations;
  if (!violation || values.verbose) console.log(outcome.transcript.join('\n'));
  if (!violation) return;
  const small = await shrink(trace, violation);
  const { transcript } = await runTrace(small);
  console.log(`\n${violation.invariant}: ${violation.detail}`);
  const { runs, wrongClock } = small;
  const clock = wrongClock ? `, the clock of ${wrongClock.vantage} is ${wrongClock.byMs / 1_000} s off` : '';
  console.log(
    `seed ${seed}, trace ${number}; ${small.events.length} of ${trace.events.length} events matter; ${runs} runs${clock}`,
  );
  for (const { name, probe, failover, vantages, reference } of small.config.pairs)
    console.log(`${name}: ${JSON.stringify({ probe, failover, vantages, reference })}`);
  console.log(`again: ${command(number)} --verbose\n`);
  console.log(transcript.join('\n'));
  process.exitCode = 1;
}

function command(number: number): string {
  return `npm run simulate -- --seed ${seed} --trace ${number}`;
}

function circumstances(): string[] {
  return [
    `${new Date().toISOString().slice(0, 10)}; ${availableParallelism()} cores (${cpus()[0]?.model.trim()}), ${values.jobs} used`,
    `Node ${process.versions.node}; seed ${seed}, traces from ${values.from}`,
  ];
}
