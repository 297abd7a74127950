import { configJsonSchema } from '../../adapters/system/configSchema.ts';
import { ConfigError, loadConfig } from '../../adapters/system/loadConfig.ts';
import { plural } from '../../core/explain/words.ts';
import type { Config } from '../../core/model/config.ts';
import { type ExitCode, exitCodes } from '../failure.ts';
import { print, printJson } from '../layout.ts';

interface ValidateOptions {
  config: string;
  json?: boolean;
  schema?: boolean;
}

/** `warren validate`: everything that is wrong with a configuration, at once. Secrets are not looked up. */
export async function validate({ config: file, json = false, schema = false }: ValidateOptions): Promise<ExitCode> {
  if (schema) {
    print(JSON.stringify(configJsonSchema(), null, 2));
    return exitCodes.done;
  }
  try {
    const config = loadConfig(file);
    if (json) printJson({ file, valid: true, problems: [] });
    else print(`${file} is valid: ${summary(config)}.`);
    return exitCodes.done;
  } catch (error) {
    if (!json || !(error instanceof ConfigError)) throw error;
    printJson({ file, valid: false, problems: error.problems });
    return exitCodes.badInput;
  }
}

function summary({ pairs }: Config): string {
  return `${plural(pairs.length, 'pair')} (${pairs.map(({ name, failover }) => `${name}: ${failover.mode}`).join(', ')})`;
}
