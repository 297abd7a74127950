// `npm start`: from a fresh checkout to the running lab. Plain JavaScript that needs nothing installed.
import { join } from 'node:path';
import { installDependencies, installPrograms, SetupError } from './setup/install.mjs';
import { launch } from './setup/launch.mjs';
import { findNode, noNodeMessage, packageRoot } from './setup/node.mjs';
import { Interrupted } from './setup/run.mjs';

const help = `Usage: npm start -- [options]

Installs what is missing (npm packages; RabbitMQ and HAProxy through apt), then starts
two RabbitMQ clusters and an HAProxy on loopback addresses, and Warren watching them.
Ctrl-C ends everything that was started.

Options:
  --nodes <1|3>      brokers per site (default: 3)
  --scenario <name>  play this scenario and end, instead of waiting for you
  --json             one JSON value per line
  --keep             leave the lab running at the end
  --help             show this
`;

const progress = (sentence) => console.error(`[start] ${sentence}`);

async function main() {
  const programArguments = process.argv.slice(2);
  if (programArguments.includes('--help') || programArguments.includes('-h')) {
    process.stdout.write(help);
    return 0;
  }
  await installPrograms(progress);
  await installDependencies(progress);
  const node = findNode();
  if (!node) throw new SetupError(noNodeMessage());
  return await launch(node, [join(packageRoot, 'cli', 'main.ts'), 'demo', ...programArguments]);
}

try {
  process.exitCode = await main();
} catch (error) {
  process.exitCode = error instanceof Interrupted ? 130 : 1;
  if (error instanceof Interrupted) progress('Interrupted.');
  else if (process.env.WARREN_DEBUG === '1') console.error(error);
  else progress(error instanceof Error ? error.message : String(error));
}
