import type { MemoryTarget } from '../../adapters/memory/target.ts';
import { type Target, TargetError } from '../../core/flow/ports.ts';
import type { TargetReading } from '../../core/model/target.ts';
import type { Flip } from './checkAct.ts';
import type { Outside } from './outside.ts';
import type { Process } from './process.ts';
import { readLate } from './reads.ts';

/** A process's own way to a target; null: a person's. */
export function targetFor(outside: Outside, target: MemoryTarget, process: Process | null): Target {
  const { clock, dice, judge, trouble } = outside;
  const { id } = target;
  const pass = () => clock.sleep(1 + dice.between(0, 4) + trouble.targetLatencyMs / 2);
  const through = process ? process.through : <T>(work: () => Promise<T>) => work();
  const isCut = () => process !== null && (trouble.targetCuts.get(cutKey(process.vantage, id)) ?? 0) > 0;
  return {
    id,
    close: () => target.close(),
    read: () =>
      through(async () => {
        await pass();
        const failed = process !== null && (await readLate(outside, process.vantage, 'target')) === 'failed';
        if (failed || isCut()) return { target: id, status: 'unreadable', detail: failed ? 'no answer' : 'cut off' };
        return target.read();
      }),
    flip(site, epoch) {
      const flip = { target: id, site, epoch };
      judge.onFlipBegun(flip, trouble.killSwitch > 0);
      return through(async () => {
        await pass();
        if (isCut()) throw new TargetError(`${id}: cut off`);
        if (isLate(outside, target, flip)) throw new TargetError(`${id}: no answer`);
        try {
          return await land(outside, target, flip, process?.holder ?? 'a person');
        } finally {
          await pass();
        }
      });
    },
  };
}

/** The name of a cut between a vantage and a target. */
export const cutKey = (vantage: string, target: string) => `${vantage} ${target}`;

async function land({ judge }: Outside, target: MemoryTarget, flip: Flip, by: string | null): Promise<TargetReading> {
  const [before, flips] = [await target.read(), target.flips.length];
  try {
    return await target.flip(flip.site, flip.epoch);
  } finally {
    if (target.flips.length > flips) judge.onFlip(flip, before, await target.read(), by);
  }
}

/** Whether this flip is one that lands after its caller gave up. */
function isLate(outside: Outside, target: MemoryTarget, flip: Flip): boolean {
  const { trouble, clock } = outside;
  const late = trouble.lateFlips.find((each) => each.target === target.id);
  if (!late) return false;
  trouble.lateFlips = trouble.lateFlips.filter((each) => each !== late);
  // What keeps a marker refuses it by then.
  void clock.sleep(late.afterMs).then(() => land(outside, target, flip, null).catch(() => {}));
  return true;
}
