import { readFileSync } from 'node:fs';
import { Command, Option } from 'commander';
import type { ExitCode } from './failure.ts';

const exitCodesHelp = `
Exit codes:
  0    done
  1    it did not work
  2    bad input or configuration
  3    refused, or not ready: a pair is not protected, or nothing watches it
  130  interrupted

Commands that ask or change take --url (or WARREN_URL) for a Warren elsewhere,
and its token from WARREN_TOKEN or --token-file. On AWS, requests are signed
with the credentials that AWS tools use (--sign, if the URL names no Region).

Errors are one sentence on stderr; WARREN_DEBUG=1 adds where they come from.
`;

/** What a command does. The module is loaded when the command is called: most commands need few modules. */
type Implementation = (...commandArguments: never[]) => Promise<ExitCode>;

function action(load: () => Promise<Implementation>) {
  return async (...commandArguments: unknown[]): Promise<void> => {
    const implementation = await load();
    process.exitCode = await implementation(...(commandArguments as never[]));
  };
}

/** Every verb of the command line, with its options. What a verb does is in `commands/`. */
export function createProgram(): Command {
  const program = new Command('warren')
    .description('Health checks and failover for pairs of RabbitMQ clusters.')
    .version(packageVersion())
    .addHelpText('after', exitCodesHelp)
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'warren: ')) })
    .exitOverride();
  addServiceCommands(program);
  addReadingCommands(program);
  addMovingCommands(program);
  addChangingCommands(program);
  addNotifyCommand(program);
  addLabCommands(program);
  return program;
}

function addServiceCommands(program: Command): void {
  program
    .command('run')
    .description('watch every pair of the configuration until SIGINT or SIGTERM')
    .option('--config <file>', 'the configuration', 'warren.yaml')
    .option('--vantage <name>', "this prober's own name among the vantages")
    .option(...store)
    .option('--json', 'one event per line, as JSON')
    .action(action(async () => (await import('./commands/run.ts')).run));
  program
    .command('init')
    .description('write a commented configuration that acts on nothing')
    .argument('[file]', 'where to', 'warren.yaml')
    .option('--force', 'replace a file that is there')
    .action(action(async () => (await import('./commands/init.ts')).init));
  program
    .command('validate')
    .description('check a configuration and report everything that is wrong with it')
    .option('--config <file>', 'the configuration', 'warren.yaml')
    .option('--json', 'the problems, as JSON')
    .option('--schema', 'print the JSON Schema of the configuration instead')
    .action(action(async () => (await import('./commands/validate.ts')).validate));
}

function addNotifyCommand(program: Command): void {
  withConfig(program.command('notify').argument('[pair]', 'only this pair'))
    .description('send a test notification to everybody who is to be told')
    .option('--hooks', 'also ask every hook a test question, about no operation')
    .option('--json', 'as JSON')
    .action(action(async () => (await import('./commands/notify.ts')).notify));
}

function addReadingCommands(program: Command): void {
  withSource(program.command('status').argument('[pair]', 'only this pair'))
    .description('where traffic goes, how the sites are, and whether each pair is protected')
    .option('--json', 'as JSON')
    .action(action(async () => (await import('./commands/status.ts')).status));
  withSource(program.command('readiness').argument('[pair]', 'only this pair'))
    .description('could traffic move right now? exit code 0 if it could for every pair, else 3')
    .option('--json', 'as JSON')
    .action(action(async () => (await import('./commands/status.ts')).readiness));
  withSource(program.command('why').argument('[pair]', 'only this pair'))
    .description('a decision, with every guard and the observations behind it')
    .option('--at <time>', 'the decision of that moment: 14:03, 10m (ago), 2026-11-22 14:03')
    .addOption(new Option('--blocked', 'instead: every move that a guard or a rule refused').conflicts('at'))
    .option('--since <time>', 'with --blocked: how far back', '7d')
    .option('--json', 'as JSON')
    .action(action(async () => (await import('./commands/why.ts')).why));
  withSource(program.command('history').argument('[pair]', 'only this pair'))
    .description('what happened: changes of health, decisions and operations, newest last')
    .option('--since <time>', 'how far back: 30m, 24h, 7d', '24h')
    .option('--operations', 'only operations, each with its steps')
    .option('--json', 'as JSON')
    .action(action(async () => (await import('./commands/history.ts')).history));
  withSource(program.command('operation').argument('<id>'))
    .description('where an operation stands that is asked for, under way or over')
    .option('--json', 'as JSON')
    .action(action(async () => (await import('./commands/operation.ts')).operation));
  withSource(program.command('audit').argument('[pair]', 'only this pair'))
    .description('what people did, and what they were refused, newest last')
    .option('--since <time>', 'how far back: 30m, 24h, 7d', '7d')
    .option('--json', 'as JSON')
    .action(action(async () => (await import('./commands/audit.ts')).audit));
}

function addChangingCommands(program: Command): void {
  withChange(program.command('ack').argument('<pair>'))
    .description('release the latch, the cooldown and the fence of the side not in use; or answer a foreign edit')
    .addOption(new Option('--adopt', 'take what the targets say as what was decided').conflicts('restore'))
    .option('--restore', 'set the targets back to what was decided')
    .action(action(async () => (await import('./commands/ack.ts')).ack));
  withChange(program.command('approve').argument('<pair>'))
    .description('in mode approve: agree to the move that waits for it')
    .action(action(async () => (await import('./commands/approve.ts')).approve));
  withChange(program.command('retry').argument('<pair>'))
    .description('let a stalled operation try again')
    .action(action(async () => (await import('./commands/retry.ts')).retry));
  withChange(program.command('cancel').argument('<operation-id>'))
    .description('call off what is asked for, scheduled or not committed yet; end the hold of a drill')
    .action(action(async () => (await import('./commands/cancel.ts')).cancel));
  addPauseCommands(program);
}

function addMovingCommands(program: Command): void {
  const to = ['--to <site>', 'where to (default: the other side)'] as const;
  const at = ['--at <time>', 'not now, but then: 14:03, +10m, 2026-11-22T14:03Z'] as const;
  withChange(program.command('failover').argument('<pair>'))
    .description('say that the active side is lost: the running service moves traffic, guards on')
    .option('--override <guard...>', 'go on although this guard does not pass; named one by one')
    .option(...to)
    .action(action(async () => (await import('./commands/move.ts')).failover));
  withChange(program.command('switchover').argument('<pair>'))
    .description('move traffic as planned, from a side that serves, which is fenced first')
    .option(...to)
    .option(...at)
    .action(action(async () => (await import('./commands/move.ts')).switchover));
  withChange(program.command('drill').argument('<pair>'))
    .description('a switchover to the other side and, after a hold, back')
    .option('--hold <duration>', 'how long to stay there (default: as configured)')
    .option(...at)
    .action(action(async () => (await import('./commands/move.ts')).drill));
}

function addPauseCommands(program: Command): void {
  const length = ['--for <duration>', 'how long: 30m, 2h; it ends by itself'] as const;
  withChange(program.command('pause').argument('[pair]'))
    .description('no automatic move and no repair for a while')
    .option('--all', 'every pair')
    .requiredOption(...length)
    .action(action(async () => (await import('./commands/pause.ts')).pause));
  withChange(program.command('resume').argument('[pair]'))
    .description('end a pause')
    .option('--all', 'the pause of every pair')
    .action(action(async () => (await import('./commands/pause.ts')).resume));
  withAsker(program.command('maintenance').argument('<pair>').argument('<site>'))
    .description('for a while failures of this site move nothing, and it is no destination')
    .option(...reason)
    .option(...length)
    .option('--end', 'end it now')
    .action(action(async () => (await import('./commands/pause.ts')).maintenance));
}

function addLabCommands(program: Command): void {
  const nodes = () => new Option('--nodes <number>', 'brokers per site').choices(['1', '3']).default('3');
  const lab = program.command('lab').description('two real RabbitMQ clusters and an HAProxy on loopback addresses');
  lab
    .command('up')
    .description('start them')
    .addOption(nodes())
    .option('--json', 'as JSON')
    .action(action(async () => (await import('./commands/lab.ts')).up));
  lab
    .command('down')
    .description('end every process of the lab and remove its files')
    .option('--json', 'as JSON')
    .action(action(async () => (await import('./commands/lab.ts')).down));
  lab
    .command('status')
    .description('which brokers run, and which faults are injected')
    .option('--json', 'as JSON')
    .action(action(async () => (await import('./commands/lab.ts')).status));
  lab
    .command('fault')
    .description('inject a fault; without a name, list them')
    .argument('[name]')
    .option('--site <name>', 'the site it hits, where the fault leaves the choice')
    .option('--json', 'as JSON')
    .action(action(async () => (await import('./commands/lab.ts')).fault));
  lab
    .command('heal')
    .description('undo every fault')
    .option('--json', 'as JSON')
    .action(action(async () => (await import('./commands/lab.ts')).heal));
  program
    .command('demo')
    .description('start the lab and watch it, until Ctrl-C (what `npm start` runs)')
    .addOption(nodes())
    .option('--scenario <name>', 'play this scenario and end')
    .option('--json', 'one JSON value per line')
    .option('--keep', 'leave the lab running at the end')
    .action(action(async () => (await import('./commands/demo.ts')).demo));
}

const store = [
  '--store <store>',
  'instead of the store that the configuration names: a file, or dynamodb:STATE_TABLE,HISTORY_TABLE[@REGION]',
] as const;

/** Options of every command that is about a configuration. */
function withConfig(command: Command): Command {
  return command
    .option('--config <file>', 'the configuration (default: ./warren.yaml, or that of the running lab)')
    .option(...store);
}

/** Options of every command that is about a configuration here, or about a Warren elsewhere. */
function withSource(command: Command): Command {
  return withConfig(command)
    .option('--url <url>', 'ask the API of a Warren elsewhere instead (default: WARREN_URL)')
    .option('--token-file <file>', 'the token for it (default: what is in WARREN_TOKEN)')
    .option(
      '--sign <region>',
      'instead of a token, sign for API Gateway in this AWS Region (default: WARREN_SIGN, or that of the URL)',
    )
    .option('--insecure', 'with an http:// URL: let the token travel in the clear');
}

const reason = ['--reason <text>', 'why, for those who read the history'] as const;

/** Options of every command that changes something. */
function withChange(command: Command): Command {
  return withAsker(command).requiredOption(...reason);
}

function withAsker(command: Command): Command {
  return withSource(command)
    .option('--who <name>', 'who decides this (default: you@this-host; with --url, whom the token or signature names)')
    .option('--dry-run', 'say what would be done; change nothing')
    .option('--json', 'as JSON');
}

function packageVersion(): string {
  return JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')).version;
}
