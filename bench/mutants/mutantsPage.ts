import type { Mutant } from './mutant.ts';
import type { Caught } from './simulated.ts';

/** What became of one mutant: caught by the simulator, else by the first test that failed, else by nothing. */
export interface Verdict {
  mutant: Mutant;
  simulated: Caught | null;
  tested: string | null;
  /** Why it is no fault at all; null: it is one. */
  broken: string | null;
}

export function verdictLine({ mutant: { file, what }, ...came }: Verdict): string {
  return `${caughtBy(came)}  <-  ${file}: ${what}`;
}

function caughtBy({ simulated, tested, broken }: Omit<Verdict, 'mutant'>): string {
  if (broken !== null) return `BROKEN: ${broken.split('\n')[0]}`;
  if (simulated) return `trace ${simulated.trace}: ${simulated.by}`;
  return tested ? `test: ${tested}` : 'SURVIVED';
}

/** docs/benchmarks/mutants.md */
export function mutantsPage(verdicts: Verdict[], circumstances: string): string {
  const simulated = verdicts.filter((verdict) => verdict.simulated).length;
  const tested = verdicts.filter((verdict) => verdict.tested).length;
  return [
    '# What the simulator and the tests can see',
    '',
    '<!-- Written by `npm run mutants -- --output docs/benchmarks/mutants.md`. -->',
    '',
    'Each line is a fault that was put into the core on purpose, alone. The simulator plays traces until one breaks a promise; what',
    'it does not notice is left to the tests of the core (`test/core`, `test/scenarios`).',
    '',
    `- ${circumstances}`,
    `- ${verdicts.length} mutants: ${simulated} caught by the simulator, ${tested} by tests, ${verdicts.length - simulated - tested} survived`,
    '',
    '| fault | in | caught by |',
    '| --- | --- | --- |',
    ...verdicts.map(
      (verdict) =>
        `| ${verdict.mutant.what} | \`${verdict.mutant.file}\` | ${caughtBy(verdict).replaceAll('|', '\\|')} |`,
    ),
    '',
  ].join('\n');
}
