import { loadConfig } from '../../adapters/system/loadConfig.ts';
import type { Notifier } from '../../core/flow/ports.ts';
import { type ExitCode, exitCodes, messageOf } from '../failure.ts';
import { createPrinter } from '../printer.ts';
import { runService } from '../service.ts';
import { stopSignal } from '../stopSignal.ts';

interface RunOptions {
  config: string;
  vantage?: string;
  store?: string;
  json?: boolean;
}

/** `warren run`: the local service, until it is asked to stop. Asked again, it ends at once. */
export async function run(options: RunOptions): Promise<ExitCode> {
  const config = loadConfig(options.config);
  const printer = createPrinter({ json: options.json ?? false, severalPairs: config.pairs.length > 1 });
  const signal = stopSignal(() => process.exit(exitCodes.interrupted));
  surviveStrayErrors(printer);
  await runService({
    config,
    configPath: options.config,
    notifier: printer,
    signal,
    vantage: options.vantage,
    store: options.store,
  });
  return exitCodes.done;
}

/**
 * An error that belongs to no watch (a socket that fails after everybody let go of it) must not end the protection of
 * every pair. It is told, and the watches go on: what they act on is read anew each time.
 */
function surviveStrayErrors(notifier: Notifier): void {
  const tellError = (error: unknown) => {
    const sentence = `An error in Warren that no watch expected: ${messageOf(error)}. The watches go on.`;
    const data = { error: error instanceof Error ? (error.stack ?? error.message) : String(error) };
    notifier.notify({ atMs: Date.now(), pair: '', kind: 'alert', severity: 'critical', sentence, data });
  };
  process.on('uncaughtException', tellError);
  process.on('unhandledRejection', tellError);
}
