import { systemClock } from '../../adapters/system/clock.ts';
import type { WarrenEvent } from '../../core/model/event.ts';
import { destinationsOf } from '../../lambdas/shared/notifiers.ts';
import type { SecretSource } from '../credentials.ts';
import { type ExitCode, exitCodes, messageOf } from '../failure.ts';
import { hookTestsOf } from '../hooks.ts';
import { print, printJson } from '../layout.ts';
import { openSource, pairsNamed, type Source, type SourceOptions } from '../source.ts';

/** How one destination or hook took its test. */
interface Result {
  path: string;
  pair: string;
  told: boolean;
  problem: string | null;
}

/** `warren notify`: sends one test notification to every destination, once, and says which took it; hooks on request. */
export async function notify(
  name: string | undefined,
  options: SourceOptions & { json?: boolean; hooks?: boolean },
): Promise<ExitCode> {
  const source = openSource(options);
  const pairs = pairsNamed(source, name).map((pair) => pair.name);
  const [destinations, hooks] = await Promise.all([
    testDestinations(source, pairs),
    options.hooks ? testHooks(source, pairs) : null,
  ]);
  if (options.json) printJson(hooks ? { destinations, hooks } : { destinations });
  else {
    print(...said(destinations, 'took the test notification', 'Nobody is to be told: no pair has a `notify`.'));
    if (hooks) print(...said(hooks, 'answered the test question', 'Nobody is to be asked: no pair has `hooks`.'));
  }
  return [...destinations, ...(hooks ?? [])].every(({ told }) => told) ? exitCodes.done : exitCodes.failed;
}

async function testDestinations({ config, configPath }: Source, pairs: string[]): Promise<Result[]> {
  const silent = { notify: () => {} };
  const destinations = destinationsOf(config, secretsOf(configPath), silent).filter(({ pair }) => pairs.includes(pair));
  return await Promise.all(
    destinations.map(async ({ path, pair, notifier }) => {
      const problem = await notifier.deliver(testEvent(pair)).then(() => null, messageOf);
      await notifier.close();
      return { path, pair, told: problem === null, problem };
    }),
  );
}

async function testHooks({ config, configPath }: Source, pairs: string[]): Promise<Result[]> {
  const hooks = hookTestsOf(config, secretsOf(configPath)).filter(({ pair }) => pairs.includes(pair));
  return await Promise.all(
    hooks.map(async ({ path, pair, ask }) => {
      const { answer, detail } = await ask();
      const problem =
        answer === 'proceed' ? null : answer === 'refuse' ? `refused the test question: ${detail}` : detail;
      return { path, pair, told: problem === null, problem };
    }),
  );
}

const secretsOf = (configPath: string): SecretSource => ({ configPath, environment: process.env });

function said(results: Result[], done: string, nobody: string): string[] {
  if (results.length === 0) return [nobody];
  return results.map(({ path, pair, problem }) => `${path} (${pair}): ${problem ?? done}`);
}

function testEvent(pair: string): WarrenEvent {
  const sentence = 'This is a test notification of Warren. Nothing has happened.';
  return { atMs: systemClock.nowMs(), pair, kind: 'service', severity: 'info', sentence, data: { test: true } };
}
