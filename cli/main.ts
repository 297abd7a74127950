import { explainFailure } from './failure.ts';
import { createProgram } from './program.ts';

// A reader that went away (`warren history | head`, a closed terminal) ends no command, least of all the service.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});

// Started by a launcher that is killed without a chance to pass the signal on: end as if it had.
if (process.channel) {
  process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
  process.channel.unref();
}

try {
  await createProgram().parseAsync();
} catch (error) {
  const { message, exitCode } = explainFailure(error);
  if (message !== '') console.error(process.env.WARREN_DEBUG === '1' ? error : `warren: ${message}`);
  process.exitCode = exitCode;
}

// Everything is closed by now. Should something still hold the process, it must not hold the person.
setTimeout(() => process.exit(), 1_000).unref();
