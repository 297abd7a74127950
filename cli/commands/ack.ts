import { hostname, userInfo } from 'node:os';
import type { Store, Target } from '../../core/flow/ports.ts';
import type { Pair } from '../../core/model/config.ts';
import type { DriftAnswer, PairRecord } from '../../core/model/record.ts';
import { activeSide } from '../../core/model/situation.ts';
import { changePair, requireReason } from '../changePair.ts';
import { CommandError, type ExitCode, exitCodes } from '../failure.ts';
import { print } from '../layout.ts';
import { openSource, pairNamed, type SourceOptions, targetsOf, withStore } from '../source.ts';

interface AckOptions extends SourceOptions {
  reason: string;
  adopt?: boolean;
  restore?: boolean;
  who?: string;
}

/** `warren ack`: a person has seen what happened. Releases the latch and the cooldown, or answers a foreign edit. */
export async function ack(name: string, options: AckOptions): Promise<ExitCode> {
  const reason = requireReason(options.reason);
  const who = options.who ?? `${userInfo().username}@${hostname()}`;
  const source = openSource(options);
  const pair = pairNamed(source, name);
  const choice = options.adopt ? 'adopt' : options.restore ? 'restore' : null;
  const done = await withStore(source, (store) =>
    choice === null
      ? release(store, pair)
      : answerDrift(store, pair, targetsOf(pair), choice, { who, reason, atMs: Date.now() }),
  );
  print(done);
  return exitCodes.done;
}

/** Allows the next automatic move, from fresh evidence. @returns what was done */
async function release(store: Store, { name }: Pair): Promise<string> {
  const nowMs = Date.now();
  const written = await changePair(store, name, (record) => {
    refuseDuringOperation(record);
    const coolingDown = (record.cooldownUntilMs ?? 0) > nowMs;
    if (record.latch === null && !coolingDown) return undefined;
    const evidenceGeneration = record.evidenceGeneration + 1;
    return { ...record, latch: null, cooldownUntilMs: null, evidenceGeneration };
  });
  if (!written) return `There is nothing to acknowledge: ${name} is not latched and not cooling down.`;
  return `Acknowledged: ${name} may move by itself again, once fresh evidence is gathered.`;
}

/** Tells the next turn what to do about a foreign edit. @returns what was done */
export async function answerDrift(
  store: Store,
  pair: Pair,
  targets: Target[],
  choice: DriftAnswer['choice'],
  by: Pick<DriftAnswer, 'who' | 'reason' | 'atMs'>,
): Promise<string> {
  const active = activeSide(await Promise.all(targets.map((target) => target.read())));
  const written = await changePair(store, pair.name, (record) => {
    refuseDuringOperation(record);
    refuseUnlessDeviating(record, pair, active, choice);
    return { ...record, driftAnswer: choice === 'adopt' ? { ...by, choice, site: active } : { ...by, choice } };
  });
  if (!written) throw new CommandError(`Nothing is recorded about ${pair.name} yet.`, exitCodes.refused);
  return choice === 'adopt'
    ? `The next turn of the service takes ${active} as the side where traffic should be.`
    : `The next turn of the service sets the targets back to ${written.desired}.`;
}

function refuseUnlessDeviating(record: PairRecord, pair: Pair, active: string, choice: DriftAnswer['choice']): void {
  const refuse = (why: string): never => {
    throw new CommandError(why, exitCodes.refused);
  };
  if (record.desired === null) refuse(`Nothing is decided about ${pair.name} yet.`);
  if (active === 'unknown') refuse('A target cannot be read, so whether it deviates is unknown.');
  if (active === record.desired) refuse(`The targets do not deviate: they send traffic to ${active}, as decided.`);
  if (choice === 'adopt' && !Object.hasOwn(pair.sites, active))
    refuse(`The targets do not agree on one site (${active}), so there is nothing to adopt; --restore is possible.`);
}

function refuseDuringOperation({ operation, pair }: PairRecord): void {
  if (!operation) return;
  const advice = operation.phase === 'stalled' ? `\`warren retry ${pair}\` lets it try again` : 'wait until it is over';
  throw new CommandError(
    `Operation ${operation.epoch} of ${pair} is ${operation.phase}: ${advice}.`,
    exitCodes.refused,
  );
}
