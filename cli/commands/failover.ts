import { randomUUID } from 'node:crypto';
import { hostname, userInfo } from 'node:os';
import { systemClock } from '../../adapters/system/clock.ts';
import { evaluateGuards, guardsForPerson } from '../../core/decide/guards.ts';
import { guardSentence } from '../../core/explain/guard.ts';
import { operationSentence } from '../../core/explain/operation.ts';
import type { Store } from '../../core/flow/ports.ts';
import { quietLimitMs, readSituation, type StatusSource, type StoredSituation } from '../../core/flow/status.ts';
import { type GuardName, type GuardResult, guardNames } from '../../core/model/decision.ts';
import type { Operation } from '../../core/model/operation.ts';
import { activeSide, otherSite } from '../../core/model/situation.ts';
import { changePair, requireReason } from '../changePair.ts';
import { CommandError, type ExitCode, exitCodes } from '../failure.ts';
import { print, printJson, row } from '../layout.ts';
import { openSource, pairNamed, type SourceOptions, targetsOf, withStore } from '../source.ts';

/** A request that nothing came of must not move traffic later. */
const validMs = 60_000;
const pollMs = 200;

interface FailoverOptions extends SourceOptions {
  reason: string;
  override?: string[];
  who?: string;
  dryRun?: boolean;
  json?: boolean;
}

/** `warren failover`: a person says that the active side is lost. The running service does it, guards on, and reports. */
export async function failover(name: string, options: FailoverOptions): Promise<ExitCode> {
  const reason = requireReason(options.reason).replace(/\.$/, '');
  const overrides = (options.override ?? []).map(requireGuard);
  const who = options.who ?? `${userInfo().username}@${hostname()}`;
  const source = openSource(options);
  const pair = pairNamed(source, name);
  const { fleet } = source.config;
  return await withStore(source, async (store) => {
    const status = { pair, fleet, store, targets: targetsOf(pair), clock: systemClock, killSwitch: false };
    const known = await readSituation(status);
    const sides = requirePossible(known, status);
    if (options.dryRun) return dryRun(known, sides, overrides, options.json ?? false);
    const request = {
      id: `${name}-${randomUUID().slice(0, 8)}`,
      who,
      reason,
      ...sides,
      overrides,
      untilMs: Date.now() + validMs,
    };
    await changePair(store, name, (record) => ({ ...record, request }));
    const operation = await outcomeOf(store, name, request.id);
    if (options.json) printJson(operation);
    else print(operationSentence(operation));
    return operation.phase === 'finished' ? exitCodes.done : exitCodes.refused;
  });
}

function requireGuard(name: string): GuardName {
  const guard = guardNames.find((known) => known === name);
  if (guard) return guard;
  throw new CommandError(`There is no guard "${name}". There are: ${guardNames.join(', ')}.`, exitCodes.badInput);
}

/** @throws CommandError where a request could not even be looked at */
function requirePossible(
  { situation, decision }: StoredSituation,
  { pair }: StatusSource,
): { from: string; to: string } {
  const { record, readings, nowMs } = situation;
  const refuse = (why: string): never => {
    throw new CommandError(why, exitCodes.refused);
  };
  if (!decision || nowMs - decision.toMs > quietLimitMs(pair))
    refuse(`Nothing watches ${pair.name} now: \`warren run\` does the move. Without it, see docs/runbook.md.`);
  if (record.operation) refuse(operationSentence(record.operation));
  const active = activeSide(readings);
  if (!Object.hasOwn(pair.sites, active) || active !== record.desired)
    refuse(
      `The targets send traffic to ${active}, and ${record.desired} was decided: answer that first (\`warren ack\`).`,
    );
  return { from: active, to: otherSite(pair, active) };
}

/** What every guard says, what would be done, and nothing else. */
function dryRun(
  { situation }: StoredSituation,
  { from, to }: { from: string; to: string },
  overrides: GuardName[],
  json: boolean,
): ExitCode {
  const asked = guardsForPerson(evaluateGuards(situation, from, to), []);
  const guards = asked.map(({ guard, verdict }): GuardResult & { overridden: boolean } => ({
    guard,
    verdict,
    sentence: guardSentence(guard, verdict, situation, to),
    overridden: overrides.includes(guard),
  }));
  const allowed = guards.every(({ verdict, overridden }) => overridden || verdict === 'pass');
  const steps = ['commit', ...situation.readings.map(({ target }) => `flip ${target}`), 'verify', 'report'];
  if (json) printJson({ from, to, allowed, guards, steps });
  else {
    const lines = guards.map(({ guard, verdict, sentence, overridden }) =>
      row(`${overridden ? 'overridden' : verdict}`, `${guard}: ${sentence}`, 11),
    );
    print(
      `Failover from ${from} to ${to}: ${allowed ? 'would go ahead' : 'would be refused'}. Nothing was changed.`,
      ...lines,
    );
    print(`  Steps: ${steps.join(', ')}.`);
  }
  return allowed ? exitCodes.done : exitCodes.refused;
}

/** Waits for what comes of the request: an operation of its id that has ended. */
async function outcomeOf(store: Store, pair: string, id: string): Promise<Operation> {
  const giveUpAtMs = Date.now() + 2 * validMs;
  for (;;) {
    const ended = await store.listOperations(pair, { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER, limit: 5 });
    const own = ended.find((operation) => operation.id === id);
    if (own) return own;
    const record = await store.readPair(pair);
    const waiting = record?.request?.id === id || record?.operation?.id === id;
    if (record?.operation?.phase === 'stalled')
      throw new CommandError(operationSentence(record.operation), exitCodes.failed);
    if (!waiting || Date.now() > giveUpAtMs) break;
    await systemClock.sleep(pollMs);
  }
  throw new CommandError(
    `Nothing came of the request within ${validMs / 1_000} s; it is withdrawn. \`warren why ${pair}\` says what it waited for.`,
    exitCodes.refused,
  );
}
