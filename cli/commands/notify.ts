import { systemClock } from '../../adapters/system/clock.ts';
import type { WarrenEvent } from '../../core/model/event.ts';
import { type ExitCode, exitCodes, messageOf } from '../failure.ts';
import { print, printJson } from '../layout.ts';
import { destinationsOf } from '../notifiers.ts';
import { openSource, pairsNamed, type SourceOptions } from '../source.ts';

/** `warren notify`: sends one test notification to every destination, once, and says which took it. */
export async function notify(name: string | undefined, options: SourceOptions & { json?: boolean }): Promise<ExitCode> {
  const { config, configPath, ...source } = openSource(options);
  const wanted = pairsNamed({ config, configPath, ...source }, name).map((pair) => pair.name);
  const silent = { notify: () => {} };
  const destinations = destinationsOf(config, { configPath, environment: process.env }, silent).filter(({ pair }) =>
    wanted.includes(pair),
  );
  const results = await Promise.all(
    destinations.map(async ({ path, pair, notifier }) => {
      const problem = await notifier.deliver(testEvent(pair)).then(() => null, messageOf);
      await notifier.close();
      return { path, pair, told: problem === null, problem };
    }),
  );
  if (options.json) printJson({ destinations: results });
  else if (results.length === 0) print('Nobody is to be told: no pair has a `notify`.');
  else
    print(...results.map(({ path, pair, problem }) => `${path} (${pair}): ${problem ?? 'took the test notification'}`));
  return results.every(({ told }) => told) ? exitCodes.done : exitCodes.failed;
}

function testEvent(pair: string): WarrenEvent {
  const sentence = 'This is a test notification of Warren. Nothing has happened.';
  return { atMs: systemClock.nowMs(), pair, kind: 'service', severity: 'info', sentence, data: { test: true } };
}
