import { hostname, userInfo } from 'node:os';
import { pauseSentence } from '../../core/explain/pause.ts';
import { duration, formatDuration } from '../../core/model/duration.ts';
import type { PairRecord, Pause } from '../../core/model/record.ts';
import { changePair, requireReason } from '../changePair.ts';
import { CommandError, type ExitCode, exitCodes } from '../failure.ts';
import { print } from '../layout.ts';
import { openSource, pairNamed, type SourceOptions, withStore } from '../source.ts';

/** A pause that nobody remembers protects nobody: it ends by itself, three days later at most. */
const longestMs = 72 * 3_600_000;

interface PauseOptions extends SourceOptions {
  reason: string;
  for: string;
  who?: string;
}

/** `warren pause`: no automatic operation and no repair of this pair for a while. */
export async function pause(name: string, options: PauseOptions): Promise<ExitCode> {
  const wanted = pauseOf(options);
  return await change(name, options, (record) => ({ ...record, pause: wanted }), pauseSentence(null, wanted));
}

/** `warren resume`: ends the pause of a pair. */
export async function resume(name: string, options: SourceOptions): Promise<ExitCode> {
  const ended = (record: PairRecord) =>
    record.pause ? { ...record, pause: null, evidenceGeneration: record.evidenceGeneration + 1 } : undefined;
  return await change(
    name,
    options,
    ended,
    `${name} is resumed, once fresh evidence is gathered.`,
    `${name} is not paused.`,
  );
}

/** `warren maintenance`: for a while failures of a site move nothing, and it is no destination; `--end` ends that. */
export async function maintenance(
  name: string,
  site: string,
  options: Partial<PauseOptions> & { end?: boolean },
): Promise<ExitCode> {
  requireSite(name, site, options);
  if (options.end) return await endMaintenance(name, site, options);
  const { reason, for: length } = options;
  if (reason === undefined || length === undefined)
    throw new CommandError('Maintenance needs --reason and --for, or --end to end it.', exitCodes.badInput);
  const wanted = pauseOf({ ...options, reason, for: length });
  const begun = (record: PairRecord) => ({ ...record, maintenance: { ...record.maintenance, [site]: wanted } });
  return await change(name, options, begun, pauseSentence(site, wanted));
}

async function endMaintenance(name: string, site: string, options: SourceOptions): Promise<ExitCode> {
  const ended = (record: PairRecord) => {
    const { [site]: current, ...others } = record.maintenance;
    const evidenceGeneration = record.evidenceGeneration + 1;
    return current ? { ...record, maintenance: others, evidenceGeneration } : undefined;
  };
  const done = `The maintenance of ${site} is over; fresh evidence is gathered.`;
  return await change(name, options, ended, done, `${site} is not in maintenance.`);
}

function pauseOf({ reason, for: length, who }: Pick<PauseOptions, 'reason' | 'for' | 'who'>): Pause {
  const parsed = duration.safeParse(length);
  if (!parsed.success || parsed.data === 0 || parsed.data > longestMs) {
    const expected = `expected a duration such as 30m or 2h, at most ${formatDuration(longestMs)}`;
    throw new CommandError(`--for: got "${length}", ${expected}.`, exitCodes.badInput);
  }
  const owner = who ?? `${userInfo().username}@${hostname()}`;
  return { owner, reason: requireReason(reason).replace(/\.$/, ''), untilMs: Date.now() + parsed.data };
}

function requireSite(name: string, site: string, options: SourceOptions): void {
  const { sites } = pairNamed(openSource(options), name);
  if (Object.hasOwn(sites, site)) return;
  const known = Object.keys(sites).join(' and ');
  throw new CommandError(`${name} has no site "${site}", only ${known}.`, exitCodes.badInput);
}

async function change(
  name: string,
  options: SourceOptions,
  work: (record: PairRecord) => PairRecord | undefined,
  done: string,
  nothing = '',
): Promise<ExitCode> {
  const source = openSource(options);
  const pair = pairNamed(source, name);
  await withStore(source, async (store) => {
    if (!(await store.readPair(pair.name)))
      throw new CommandError(
        `Nothing is recorded about ${name} yet: has \`warren run\` been started?`,
        exitCodes.refused,
      );
    print((await changePair(store, pair.name, work)) ? done : nothing);
  });
  return exitCodes.done;
}
