// `npm test`: unit tests, then the main scenarios on real clusters. `--all` adds the others, `--unit` leaves them out.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { installDependencies, installPrograms } from './setup/install.mjs';
import { findNode, noNodeMessage, packageRoot } from './setup/node.mjs';

const progress = (sentence) => console.error(`[test] ${sentence}`);
const flags = process.argv.slice(2).filter((word) => ['--all', '--unit'].includes(word));
const jestArguments = process.argv.slice(2).filter((word) => !flags.includes(word));

/** The runs of one call: each with its own rules about what may happen at the same time. */
function suites() {
  // Paths say what is run: a folder, and what of it is left out.
  // The functions on their runtime are measured against deadlines of seconds: nothing else runs beside them.
  const unit = { name: 'unit', paths: ['test'], parallel: true, without: ['/test/e2e/', '/test/lambdas/wire/'] };
  const main = {
    name: 'main end-to-end tests',
    paths: ['test/lambdas/wire', 'test/e2e/aws', 'test/e2e/demo', 'test/e2e/main', 'test/e2e/runbook'],
    parallel: false,
    without: [],
  };
  const rest = {
    name: 'all other end-to-end tests',
    paths: ['test/e2e/rest', 'test/e2e/vantages', 'test/e2e/soak'],
    parallel: false,
    without: [],
  };
  if (flags.includes('--unit')) return [unit];
  return flags.includes('--all') ? [unit, main, rest] : [unit, main];
}

/** Runs jest and returns how many tests passed, failed and were skipped. A suite that cannot be run counts as failed. */
async function runJest(node, { name, paths, parallel, without }, folder) {
  const report = join(folder, `${name.replaceAll(' ', '-')}.json`);
  const jest = join(packageRoot, 'node_modules', 'jest', 'bin', 'jest.js');
  const ignored = without.map((pattern) => `--testPathIgnorePatterns=${pattern}`);
  // Jest alone would keep one core for itself, and so use one of two.
  const workers = ['--maxWorkers', String(Math.max(2, availableParallelism()))];
  const options = ['--json', '--outputFile', report, ...(parallel ? workers : ['--runInBand'])];
  progress(`Running ${name}.`);
  const child = spawn(
    node,
    // Paths first: jest takes whatever follows a list of patterns for one more of them.
    ['--experimental-vm-modules', '--no-warnings', jest, ...paths, ...options, ...jestArguments, ...ignored],
    {
      cwd: packageRoot,
      stdio: ['inherit', 'ignore', 'inherit'],
    },
  );
  const stop = () => child.kill('SIGINT');
  process.on('SIGINT', stop).on('SIGTERM', stop);
  const code = await new Promise((resolve) => child.once('close', resolve));
  try {
    const result = JSON.parse(readFileSync(report, 'utf8'));
    const failed = result.numFailedTests + result.numRuntimeErrorTestSuites;
    return {
      passed: result.numPassedTests,
      failed: code !== 0 ? Math.max(1, failed) : failed,
      skipped: result.numPendingTests,
    };
  } catch {
    return { passed: 0, failed: 1, skipped: 0 };
  }
}

async function main() {
  process.chdir(packageRoot);
  if (!flags.includes('--unit')) await installPrograms(progress, { development: true });
  await installDependencies(progress, { development: true });
  const node = findNode();
  if (!node) throw new Error(noNodeMessage());
  const folder = mkdtempSync(join(tmpdir(), 'warren-test-'));
  const total = { passed: 0, failed: 0, skipped: 0 };
  for (const suite of suites()) {
    const { passed, failed, skipped } = await runJest(node, suite, folder);
    total.passed += passed;
    total.failed += failed;
    total.skipped += skipped;
  }
  rmSync(folder, { recursive: true, force: true });
  const skipped = total.skipped > 0 ? `, ${total.skipped} skipped` : '';
  console.log(`${total.passed} passed, ${total.failed} failed${skipped}`);
  return total.failed === 0 && total.passed > 0 ? 0 : 1;
}

try {
  process.exitCode = await main();
} catch (error) {
  progress(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
