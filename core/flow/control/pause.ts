import { answerWords } from '../../explain/control.ts';
import type { Caller } from '../../model/act.ts';
import type { PairRecord, Pause } from '../../model/record.ts';
import { answered } from './audit.ts';
import { changeFleet, changePair } from './change.ts';
import type { Answer, Why } from './control.ts';
import { type ControlOptions, pairNamed } from './options.ts';
import { requireSite, requireUntil } from './refuse.ts';

type Until = Why & { untilMs: number };
const tenseOf = ({ dryRun }: Why) => (dryRun ? 'would' : 'done');

/** No automatic operation and no repair for a while, of one pair or of all. @throws Refusal */
export function pause(options: ControlOptions, caller: Caller, name: string | null, why: Until): Promise<Answer> {
  const asked = { pair: name, verb: 'pause', details: { untilMs: why.untilMs } } as const;
  return answered(options, caller, asked, why, async (reason) => {
    const wanted = pauseOf(options, caller, reason, why);
    if (name === null) await changeFleet(options, (fleet) => ({ ...fleet, pause: wanted }), why.dryRun);
    else await changePair(options, name, (record) => ({ ...record, pause: wanted }), why.dryRun);
    return { changed: true, sentence: answerWords.paused(tenseOf(why), name, null, wanted) };
  });
}

/** Ends a pause. What was observed meanwhile does not count: every watch forgets it when it sees that all were resumed. */
export function resume(options: ControlOptions, caller: Caller, name: string | null, why: Why): Promise<Answer> {
  return answered(options, caller, { pair: name, verb: 'resume', details: {} }, why, async () => {
    const written =
      name === null
        ? await changeFleet(options, (fleet) => (fleet.pause ? { ...fleet, pause: null } : undefined), why.dryRun)
        : await changePair(
            options,
            name,
            (record) => (record.pause ? { ...withoutEvidence(record), pause: null } : undefined),
            why.dryRun,
          );
    const sentence = written ? answerWords.resumed(tenseOf(why), name) : answerWords.notPaused(name);
    return { changed: written !== undefined, sentence };
  });
}

const withoutEvidence = (record: PairRecord): PairRecord => ({
  ...record,
  evidenceGeneration: record.evidenceGeneration + 1,
});

/** For a while failures of a site move nothing, and it is no destination. @throws Refusal */
export function maintain(
  options: ControlOptions,
  caller: Caller,
  name: string,
  site: string,
  why: Until,
): Promise<Answer> {
  const asked = { pair: name, verb: 'maintenance', details: { site, untilMs: why.untilMs } } as const;
  return answered(options, caller, asked, why, async (reason) => {
    requireSite(pairNamed(options, name), site);
    const wanted = pauseOf(options, caller, reason, why);
    const begun = (record: PairRecord) => ({ ...record, maintenance: { ...record.maintenance, [site]: wanted } });
    await changePair(options, name, begun, why.dryRun);
    return { changed: true, sentence: answerWords.paused(tenseOf(why), name, site, wanted) };
  });
}

/** Ends the maintenance of a site. @throws Refusal */
export function endMaintenance(
  options: ControlOptions,
  caller: Caller,
  name: string,
  site: string,
  why: Why,
): Promise<Answer> {
  const asked = { pair: name, verb: 'end-maintenance', details: { site } } as const;
  return answered(options, caller, asked, why, async () => {
    requireSite(pairNamed(options, name), site);
    const ended = (record: PairRecord) => {
      const { [site]: current, ...maintenance } = record.maintenance;
      return current ? { ...withoutEvidence(record), maintenance } : undefined;
    };
    const written = await changePair(options, name, ended, why.dryRun);
    const sentence = written ? answerWords.maintained(tenseOf(why), site) : answerWords.notMaintained(site);
    return { changed: written !== undefined, sentence };
  });
}

function pauseOf({ clock }: ControlOptions, { who }: Caller, reason: string, { untilMs }: Until): Pause {
  return { owner: who, reason, untilMs: requireUntil(untilMs, clock.nowMs()) };
}
