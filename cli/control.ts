import { hostname, userInfo } from 'node:os';
import type { Answer, Control, Why } from '../core/flow/control/control.ts';
import type { Caller } from '../core/model/act.ts';
import { type ExitCode, exitCodes } from './failure.ts';
import { print, printJson } from './layout.ts';
import { openLocalControl } from './localControl.ts';
import { remoteOf } from './remoteControlAddress.ts';
import type { RemoteOptions } from './remoteControlClient.ts';
import { openSource, type SourceOptions } from './source.ts';

/** Options of every command that changes something. */
export interface ChangeOptions extends SourceOptions {
  reason: string;
  who?: string;
  dryRun?: boolean;
  json?: boolean;
}

/** What a command works on: whom to ask, and what can be asked about. */
export interface OpenControl {
  control: Control;
  /** Names of all pairs. */
  pairNames(): Promise<string[]>;
  /** How long to wait between two looks at something that is under way. */
  pollMs: number;
}

type Options = SourceOptions & { who?: string };

/**
 * Opens what the options are about: a configuration here, or a Warren elsewhere.
 * @throws ConfigError, CommandError, StoreUnavailable
 */
export async function openControl(options: Options): Promise<OpenControl> {
  const remote = remoteOf(options);
  if (remote) return await openRemote(remote);
  const source = openSource(options);
  return {
    control: await openLocalControl(source),
    pairNames: async () => source.config.pairs.map(({ name }) => name),
    pollMs: 200,
  };
}

async function openRemote(remote: RemoteOptions): Promise<OpenControl> {
  // Loaded only where it is wanted: most commands are about a configuration here.
  const { createRemoteControl } = await import('./remoteControl.ts');
  const control = createRemoteControl(remote);
  const pairNames = async () => (await control.status()).map(({ pair }) => pair);
  // Half of what the API answers to one token.
  return { control, pairNames, pollMs: 1_000 };
}

/** Does something with what the options are about, and closes it. */
export async function withControl<T>(options: Options, work: (open: OpenControl) => Promise<T>): Promise<T> {
  const open = await openControl(options);
  try {
    return await work(open);
  } finally {
    await open.control.close();
  }
}

/** Who asks here, and from where. */
export function callerOf({ who }: { who?: string }): Caller {
  return { who: who ?? `${userInfo().username}@${hostname()}`, via: 'cli', from: hostname() };
}

/** Changes something that is answered with a sentence, and prints that. */
export function changeAndPrint(
  options: ChangeOptions,
  change: (control: Control, caller: Caller, why: Why) => Promise<Answer>,
): Promise<ExitCode> {
  return withControl(options, async ({ control }) => {
    const why = { reason: options.reason, dryRun: options.dryRun ?? false };
    const answer = await change(control, callerOf(options), why);
    if (options.json) printJson(answer);
    else print(answer.sentence);
    return exitCodes.done;
  });
}
