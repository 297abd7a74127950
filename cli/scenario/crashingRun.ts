import { loadConfig } from '../../adapters/system/loadConfig.ts';
import { runService } from '../service.ts';
import { crashing } from './crashing.ts';
import type { CrashPoint } from './warrenProcess.ts';

/** `warren run --json` that kills itself with SIGKILL at one point of its first operation. Usage: crashingRun.ts CRASH_POINT CONFIG */
const [crashAt, configPath = ''] = process.argv.slice(2) as [CrashPoint, string];

async function die(): Promise<never> {
  process.kill(process.pid, 'SIGKILL');
  return new Promise(() => {});
}

process.once('disconnect', die);

await runService({
  config: loadConfig(configPath),
  configPath,
  notifier: { notify: (event) => void process.stdout.write(`${JSON.stringify(event)}\n`) },
  signal: AbortSignal.any([]),
  decorate: (ports) => crashing(ports, crashAt, die),
});
