import { refusalWords } from '../../explain/control.ts';
import type { Pair } from '../../model/config.ts';
import type { Operation } from '../../model/operation.ts';
import type { Drill, OperationRequest, PairRecord } from '../../model/record.ts';
import { otherSite } from '../../model/situation.ts';
import { refuse } from './refuse.ts';
import type { Checked } from './wanted.ts';

/** A request that nothing came of must not move traffic later. */
export const validMs = 60_000;

/** How things stand when an operation is asked for. */
export interface Standing {
  pair: Pair;
  record: PairRecord;
  /** What the targets say. */
  active: string;
  nowMs: number;
}

/** What asking for an operation changes. */
export interface NewRequest {
  request: OperationRequest;
  drill: Drill | null;
  /** What it takes the place of: a scheduled switchover, alone or as the way there of a drill. */
  replaced: { request: OperationRequest | null; drill: Drill | null };
}

/** The request that comes of what a person wants, as things stand. @throws Refusal of kind `refused` */
export function newRequest(standing: Standing, wanted: Checked, { id, who }: { id: string; who: string }): NewRequest {
  const { record, nowMs } = standing;
  const { verb, reason, overrides, notBeforeMs } = wanted;
  const stalled = requireFree(record, wanted, nowMs);
  const sides = stalled ? sidesInstead(standing, stalled, wanted.to) : sidesOf(standing, wanted.to);
  requireFences(standing.pair, verb, sides);
  const request: OperationRequest = {
    id: verb === 'drill' ? `${id}-1` : id,
    verb: verb === 'failover' ? verb : 'switchover',
    who,
    reason,
    ...sides,
    overrides,
    notBeforeMs,
    untilMs: notBeforeMs + validMs,
    supersedes: stalled?.epoch ?? null,
  };
  // A drill whose traffic has moved ends by itself when it finds traffic at home.
  const overtaken = record.drill?.phase === 'there' ? record.drill : null;
  const drill = verb === 'drill' ? newDrill(id, request, wanted) : overtaken ? null : record.drill;
  return { request, drill, replaced: { request: record.request, drill: overtaken } };
}

function newDrill(id: string, { id: first, who, reason, from, to }: OperationRequest, wanted: Checked): Drill {
  const { notBeforeMs: startedAtMs, holdMs } = wanted;
  const where = { home: from, away: to, phase: 'there' as const };
  return { id, who, reason, ...where, startedAtMs, holdMs, holdUntilMs: null, operations: [first], cutShort: '' };
}

/**
 * Nothing stands in the way: only a failover may take the place of what is stalled or merely scheduled, or end a drill.
 * @returns the stalled operation whose place it takes
 */
function requireFree({ operation, drill, request }: PairRecord, { verb }: Checked, nowMs: number): Operation | null {
  const isFailover = verb === 'failover';
  if (operation && operation.phase !== 'stalled') refuse('operation-under-way', refusalWords.underWay(operation));
  if (operation && !isFailover) refuse('operation-under-way', refusalWords.stalled(operation));
  if (drill && !isFailover) refuse('operation-under-way', refusalWords.drillIsOn(drill));
  const isScheduled = request?.verb === 'switchover' && request.notBeforeMs > nowMs;
  if (request && request.untilMs > nowMs && !(isFailover && isScheduled))
    refuse('request-waiting', refusalWords.requestWaits(request));
  return operation;
}

/** From where traffic is, as decided, to the other side. */
function sidesOf({ pair, record, active }: Standing, to: string | null): { from: string; to: string } {
  if (record.desired === null) refuse('not-recorded', refusalWords.notDecided(pair.name));
  if (!Object.hasOwn(pair.sites, active) || active !== record.desired)
    refuse('targets-deviate', refusalWords.targetsDeviate(pair.name, active, record.desired));
  if (to === active) refuse('already-active', refusalWords.alreadyActive(active));
  return { from: active, to: otherSite(pair, active) };
}

/** The targets may stand in between; without another wish, traffic is to go where the stalled operation wanted it. */
function sidesInstead({ pair, active }: Standing, stalled: Operation, wanted: string | null) {
  const to = wanted ?? stalled.to;
  if (to === active) refuse('already-active', refusalWords.alreadyActive(active));
  return { from: otherSite(pair, to), to };
}

/** A planned move shuts applications out of the side that it leaves; a drill leaves both. */
function requireFences({ sites }: Pair, verb: Checked['verb'], { from, to }: { from: string; to: string }): void {
  if (verb === 'failover') return;
  const left = verb === 'drill' ? [from, to] : [from];
  const unfenced = left.filter((site) => !sites[site]?.fenceUsers.length);
  if (unfenced.length > 0) refuse('no-fence', refusalWords.noFence(unfenced, verb));
}
