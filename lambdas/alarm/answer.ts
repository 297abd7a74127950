import type { AlarmConfig } from '../../core/model/alarmConfig.ts';
import type { Pair } from '../../core/model/config.ts';
import type { AlarmChange } from './event.ts';
import { type Outcome, request, type Tools } from './request.ts';
import { vote } from './vote.ts';

/** One entry of the configuration that an alarm is named in, and what came of it. */
export interface Answered extends Outcome {
  pair: string;
  does: AlarmConfig['does'];
}

const deeds = { request, vote } as const;

/**
 * Does what the configuration says of this alarm, for every pair that names it.
 * @returns nothing for an alarm that no pair names @throws what went wrong first, once everything else is done
 */
export async function answerAlarm(tools: Tools, pairs: readonly Pair[], change: AlarmChange): Promise<Answered[]> {
  const wanted = pairs.flatMap((pair) =>
    pair.alarms.filter((entry) => isAbout(entry, change)).map((entry) => ({ pair, entry })),
  );
  const tried = await Promise.allSettled(
    wanted.map(async ({ pair, entry }): Promise<Answered> => {
      const outcome = await deeds[entry.does](tools, pair, entry, change);
      return { pair: pair.name, does: entry.does, ...outcome };
    }),
  );
  const failed = tried.find(({ status }) => status === 'rejected');
  if (failed?.status === 'rejected') throw failed.reason;
  return tried.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
}

/** An ARN is of one account and Region; a name, of whichever the events come from. */
function isAbout({ alarm }: AlarmConfig, { name, arn }: AlarmChange): boolean {
  return alarm.startsWith('arn:') ? alarm === arn : alarm === name;
}
