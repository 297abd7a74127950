import { span } from '../../core/explain/words.ts';
import type { Operation } from '../../core/model/operation.ts';
import type { Course } from './course.ts';

/** Where every confirmed message ended up. */
export interface MessageAccount {
  confirmed: number;
  consumed: number;
  /** Left on the side that lost the traffic: not consumed, not lost. */
  stranded: number;
  /** Delivered more than once: published again because the confirm was not seen, or redelivered. */
  duplicated: number;
  lost: number;
}

/** How long each part of an outage took, in milliseconds. */
export interface PhaseTimes {
  /** From the fault to the decision. */
  detectMs: number;
  /** From the decision to the claim. */
  decideMs: number;
  /** From the claim until every target was flipped. */
  actMs: number;
  /** From then until clients had messages confirmed again. */
  convergeMs: number;
}

export interface ScenarioResult {
  name: string;
  done: string;
  expected: string;
  outcome: 'as-expected' | 'unexpected' | 'not-run';
  happened: string;
  /** The longest time between two confirmed publishes, through the endpoint. */
  longestGapMs?: number;
  times?: PhaseTimes | null;
  messages?: MessageAccount;
  /** What was decided and done. */
  course?: Course | undefined;
}

/** Splits the outage; null when nothing was moved, or the operation began before the fault was injected. */
export function timesOf(
  operation: Operation | null,
  injectedAtMs: number | null,
  flow: { longestGapMs: number; longestGapBeganAtMs: number | null },
): PhaseTimes | null {
  if (operation === null || injectedAtMs === null) return null;
  const { decidedAtMs, claimedAtMs, flippedAtMs } = operation.timeline;
  if (flippedAtMs === null || flow.longestGapBeganAtMs === null) return null;
  const gapEndedAtMs = flow.longestGapBeganAtMs + flow.longestGapMs;
  return {
    detectMs: Math.max(0, decidedAtMs - injectedAtMs),
    decideMs: claimedAtMs - decidedAtMs,
    actMs: flippedAtMs - claimedAtMs,
    convergeMs: Math.max(0, gapEndedAtMs - flippedAtMs),
  };
}

/** The summary of one scenario, as text. */
export function summaryOf(result: ScenarioResult): string {
  const { name, done, expected, outcome, happened, longestGapMs, times, messages } = result;
  const verdicts = { 'as-expected': 'AS EXPECTED', unexpected: 'UNEXPECTED', 'not-run': 'NOT RUN' };
  const lines = [
    `${name}: ${verdicts[outcome]}`,
    `  done      ${done}`,
    `  expected  ${expected}`,
    `  happened  ${happened}`,
  ];
  if (longestGapMs !== undefined) lines.push(`  gap       ${span(longestGapMs)} between confirmed publishes, at most`);
  if (times)
    lines.push(
      `  times     detect ${span(times.detectMs)}, decide ${span(times.decideMs)}, act ${span(times.actMs)}, ` +
        `converge ${span(times.convergeMs)}`,
    );
  if (messages) lines.push(`  messages  ${accountOf(messages, times !== null && times !== undefined)}`);
  return lines.join('\n');
}

function accountOf({ confirmed, consumed, stranded, duplicated, lost }: MessageAccount, moved: boolean): string {
  const left = moved ? 'stranded on the old side' : 'still queued';
  return `${confirmed} confirmed: ${consumed} consumed, ${stranded} ${left}, ${duplicated} duplicated, ${lost} lost`;
}
