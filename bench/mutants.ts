import { writeFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { parseArgs } from 'node:util';
import type { Mutant } from './mutants/mutant.ts';
import { mutants } from './mutants/mutants.ts';
import { mutantsPage, type Verdict, verdictLine } from './mutants/mutantsPage.ts';
import { BrokenMutant, type Caught, simulateMutant } from './mutants/simulated.ts';
import { type Copy, copySources } from './mutants/tested.ts';

/** `npm run mutants`: deliberate faults in the core, and whether the simulator, or else a test, notices each of them. */
const { values } = parseArgs({
  options: {
    traces: { type: 'string', default: '400' },
    seed: { type: 'string', default: '1' },
    jobs: { type: 'string', default: String(availableParallelism()) },
    only: { type: 'string' },
    json: { type: 'boolean', default: false },
    output: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});
const usage = `Usage: npm run mutants -- [--traces 400] [--seed 1] [--jobs CORES] [--only WORDS] [--json] [--output FILE]

Puts one fault after the other into the core, and plays up to so many traces of the simulator with it. What these do not
notice is left to the tests of the core. Ends with 1 if a fault survives both. --only: those whose description or file has these words.`;

if (values.help) console.log(usage);
else await main();

async function main(): Promise<void> {
  const chosen = mutants.filter(({ what, file }) => `${file} ${what}`.includes(values.only ?? ''));
  if (chosen.length === 0) {
    console.error(`--only: got ${values.only}, expected words of a file or of a fault`);
    process.exitCode = 2;
    return;
  }
  const verdicts: Verdict[] = [];
  const waiting = [...chosen];
  const copies: Copy[] = [];
  const removeCopies = () => {
    for (const copy of copies) copy.remove();
  };
  process.once('SIGINT', () => {
    removeCopies();
    process.exit(130);
  });
  try {
    await Promise.all(
      Array.from({ length: Math.min(Number(values.jobs), chosen.length) }, async () => {
        const copy = copySources();
        copies.push(copy);
        const failing = await copy.test(null);
        if (failing !== null) throw new Error(`without any fault, a test fails: ${failing}`);
        for (let mutant = waiting.shift(); mutant; mutant = waiting.shift()) {
          const verdict = await judge(mutant, copy);
          verdicts.push(verdict);
          if (!values.json)
            console.log(`${String(verdicts.length).padStart(3)}/${chosen.length} ${verdictLine(verdict)}`);
        }
      }),
    );
  } finally {
    removeCopies();
  }
  tell(verdicts);
}

async function judge(mutant: Mutant, copy: Copy): Promise<Verdict> {
  try {
    const simulated: Caught | null = await simulateMutant(mutant, Number(values.seed), Number(values.traces));
    return { mutant, simulated, tested: simulated ? null : await copy.test(mutant), broken: null };
  } catch (error) {
    if (!(error instanceof BrokenMutant)) throw error;
    return { mutant, simulated: null, tested: null, broken: error.message };
  }
}

function tell(verdicts: Verdict[]): void {
  const survived = verdicts.filter(({ simulated, tested }) => !simulated && !tested);
  const ordered = verdicts.toSorted((one, other) => mutants.indexOf(one.mutant) - mutants.indexOf(other.mutant));
  const bySimulator = verdicts.filter(({ simulated }) => simulated).length;
  if (values.json) console.log(JSON.stringify(ordered));
  else
    console.log(
      `${verdicts.length} mutants: ${bySimulator} caught by the simulator, ${verdicts.length - bySimulator - survived.length} by tests, ${survived.length} survived`,
    );
  if (values.output) writeFileSync(values.output, mutantsPage(ordered, circumstances()));
  process.exitCode = survived.length > 0 ? 1 : 0;
}

function circumstances(): string {
  const date = new Date().toISOString().slice(0, 10);
  return `${date}; Node ${process.versions.node}; ${values.jobs} of ${availableParallelism()} cores (${cpus()[0]?.model.trim()}); seed ${values.seed}, at most ${values.traces} traces each`;
}
