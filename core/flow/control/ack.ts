import { answerWords, refusalWords, type Tense } from '../../explain/control.ts';
import type { Caller } from '../../model/act.ts';
import type { Pair } from '../../model/config.ts';
import type { DriftAnswer, Fence, PairRecord } from '../../model/record.ts';
import { activeSide } from '../../model/situation.ts';
import { answered } from './audit.ts';
import { changePair } from './change.ts';
import type { Answer, Control } from './control.ts';
import { type ControlOptions, pairNamed } from './options.ts';
import { refuse } from './refuse.ts';

type AckWhy = Parameters<Control['ack']>[2];

/** A person has seen what happened: the next automatic move is allowed, or a foreign edit is answered. @throws Refusal */
export function ack(options: ControlOptions, caller: Caller, name: string, why: AckWhy): Promise<Answer> {
  const asked = { pair: name, verb: 'ack', details: { drift: why.drift ?? null } } as const;
  return answered(options, caller, asked, why, async (reason) => {
    const pair = pairNamed(options, name);
    const active = activeSide(await Promise.all(options.targetsOf(pair).map((target) => target.read())));
    const by = { who: caller.who, reason, atMs: options.clock.nowMs() };
    return why.drift === undefined
      ? await release(options, pair, active, why.dryRun)
      : await answerDrift(options, pair, active, why.drift, by, why.dryRun);
  });
}

/** Allows the next automatic move, from fresh evidence, and opens the side that is not in use. */
async function release(options: ControlOptions, pair: Pair, active: string, dryRun: boolean): Promise<Answer> {
  const nowMs = options.clock.nowMs();
  const tense: Tense = dryRun ? 'would' : 'done';
  let sentence = '';
  const written = await changePair(
    options,
    pair.name,
    (record) => {
      refuseDuringOperation(record);
      const released = record.latch !== null || (record.cooldownUntilMs ?? 0) > nowMs;
      const { fences, lifted, dropped } = lift(record, pair, active, nowMs);
      const stays = !Object.hasOwn(pair.sites, active) && Object.keys(record.fences).length > 0;
      sentence = answerWords.nothingToAcknowledge(pair.name, stays);
      if (!released && lifted.length + dropped.length === 0) return undefined;
      sentence = answerWords.acknowledged(tense, pair.name, released, lifted, dropped);
      const evidenceGeneration = record.evidenceGeneration + 1;
      return { ...record, fences, latch: null, cooldownUntilMs: null, evidenceGeneration };
    },
    dryRun,
  );
  return { changed: written !== undefined, sentence };
}

/** The fence of the active side is not asked about: the service lifts it by itself. */
function lift({ fences }: PairRecord, { sites }: Pair, active: string, nowMs: number) {
  const kept: Record<string, Fence> = { ...fences };
  const lifted: string[] = [];
  const dropped: string[] = [];
  for (const fence of Object.hasOwn(sites, active) ? Object.values(fences) : []) {
    const { site, savedLimits, state } = fence;
    if (site === active || state === 'releasing' || state === 'released') continue;
    if (savedLimits === null) {
      delete kept[site];
      dropped.push(site);
    } else {
      kept[site] = { ...fence, state: 'releasing', sinceMs: nowMs, detail: '' };
      lifted.push(site);
    }
  }
  return { fences: kept, lifted, dropped };
}

/** Tells the next turn what to do about a foreign edit. */
async function answerDrift(
  options: ControlOptions,
  pair: Pair,
  active: string,
  choice: DriftAnswer['choice'],
  by: Pick<DriftAnswer, 'who' | 'reason' | 'atMs'>,
  dryRun: boolean,
): Promise<Answer> {
  const written = await changePair(
    options,
    pair.name,
    (record) => {
      refuseDuringOperation(record);
      refuseUnlessDeviating(record, pair, active, choice);
      return { ...record, driftAnswer: choice === 'adopt' ? { ...by, choice, site: active } : { ...by, choice } };
    },
    dryRun,
  );
  const tense = dryRun ? 'would' : 'done';
  const sentence =
    choice === 'adopt' ? answerWords.adopts(tense, active) : answerWords.restores(tense, written?.desired ?? '');
  return { changed: true, sentence };
}

function refuseUnlessDeviating(record: PairRecord, { name, sites }: Pair, active: string, choice: string): void {
  if (record.desired === null) refuse('not-recorded', refusalWords.notDecided(name));
  if (active === 'unknown') refuse('targets-deviate', refusalWords.targetsUnread());
  if (active === record.desired) refuse('targets-as-decided', refusalWords.asDecided(active));
  if (choice === 'adopt' && !Object.hasOwn(sites, active))
    refuse('targets-deviate', refusalWords.nothingToAdopt(active));
}

function refuseDuringOperation({ operation }: PairRecord): void {
  if (operation) refuse('operation-under-way', refusalWords.waitForEnd(operation));
}
