import { hostname, userInfo } from 'node:os';
import type { Store } from '../../core/flow/ports.ts';
import type { Pair } from '../../core/model/config.ts';
import { changePair, requireReason } from '../changePair.ts';
import { CommandError, type ExitCode, exitCodes } from '../failure.ts';
import { print } from '../layout.ts';
import { openSource, pairNamed, type SourceOptions, withStore } from '../source.ts';

/** A yes that nothing came of must not move traffic an hour later. */
const validMs = 2 * 60_000;

interface ApproveOptions extends SourceOptions {
  reason: string;
  who?: string;
}

/** `warren approve`: a person agrees to the move that Warren is waiting to make. All guards are asked again. */
export async function approve(name: string, options: ApproveOptions): Promise<ExitCode> {
  const reason = requireReason(options.reason);
  const who = options.who ?? `${userInfo().username}@${hostname()}`;
  const source = openSource(options);
  const pair = pairNamed(source, name);
  await withStore(source, async (store) => {
    const { from, to } = await waitingMove(store, pair);
    const approval = { who, reason, from, to, untilMs: Date.now() + validMs };
    await changePair(store, name, (record) => ({ ...record, approval }));
    print(`Approved: traffic moves from ${from} to ${to} in the next turn, if every guard still passes.`);
  });
  return exitCodes.done;
}

/** @throws CommandError when nothing waits for an approval */
export async function waitingMove(store: Store, { name, failover, probe }: Pair, nowMs = Date.now()) {
  const refuse = (why: string): never => {
    throw new CommandError(why, exitCodes.refused);
  };
  if (failover.mode !== 'approve') refuse(`The mode of ${name} is ${failover.mode}: nothing waits for an approval.`);
  const [row] = await store.listDecisions(name, { fromMs: 0, toMs: nowMs, limit: 1 });
  const quietMs = Math.max(15_000, 3 * probe.everyMs);
  if (!row || nowMs - row.toMs > quietMs) refuse(`Nothing watches ${name} now, so nothing waits for an approval.`);
  const { outcome, from, to, sentence } = row?.decision ?? {};
  if (outcome !== 'failover' || !from || !to)
    return refuse(`Nothing waits for an approval. The latest decision: ${sentence}`);
  return { from, to };
}
