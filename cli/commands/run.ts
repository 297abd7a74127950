import { loadConfig } from '../../adapters/system/loadConfig.ts';
import { type ExitCode, exitCodes } from '../failure.ts';
import { createPrinter } from '../printer.ts';
import { runService } from '../service.ts';
import { stopSignal } from '../stopSignal.ts';
import { tellStrayErrors } from '../strayErrors.ts';

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
  tellStrayErrors(process, printer);
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
