import type * as z from 'zod';
import { Refusal, type RefusalName, refusals } from '../core/flow/control/control.ts';
import { StoreUnavailable } from '../core/flow/ports.ts';
import { problem } from '../lambdas/api/answers.ts';
import { type ExitCode, exitCodes } from './failure.ts';
import { oneLine } from './layout.ts';
import { RemoteFailure } from './remoteControlFailure.ts';

/** What came back, unread. */
export interface Answered {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  text: string;
}

const textCharactersMax = 1_000;

/** What others wrote, fit for a terminal. */
const tidy = (text: string) => oneLine(text.slice(0, textCharactersMax));

/**
 * What a good answer says.
 * @param refused what it means to have been refused without a word of Warren's @throws Refusal, StoreUnavailable, RemoteFailure
 */
export function understood<T>(answered: Answered, answer: z.ZodType<T>, host: string, refused: () => string): T {
  const { status, text } = answered;
  if (status < 200 || status >= 300) throw problemOf(answered, host, refused);
  const parsed = answer.safeParse(jsonOf(text));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const where = issue && issue.path.length > 0 ? `${issue.path.join('.')}: ${issue.message}` : 'it is no such JSON';
  const why = `${host} answered ${status} with what this version of Warren does not understand: ${tidy(where)}.`;
  throw new RemoteFailure('unsure', why);
}

const typePrefix = 'urn:warren:problem:';
const isRefusal = (name: string): name is RefusalName => Object.hasOwn(refusals, name);

/** What an answer that is no success means. */
function problemOf(answered: Answered, host: string, refused: () => string): Error {
  const said = problem.safeParse(jsonOf(answered.text)).data;
  const name = said?.type.startsWith(typePrefix) ? said.type.slice(typePrefix.length) : '';
  const detail = tidy(said?.detail ?? '');
  if (isRefusal(name)) return new Refusal(name, detail);
  if (name === 'store-unavailable') return new StoreUnavailable(`${host}: ${detail}`);
  if (name === 'out-of-time') return new RemoteFailure('late', `${host}: ${detail}`);
  const isRefused = detail === '' && (answered.status === 401 || answered.status === 403);
  return failureOfStatus(answered, host, isRefused ? refused() : detail);
}

const bad = exitCodes.badInput;

/** Also what a newer Warren refuses under a name that is not known here. */
const exitCodesOf: Record<number, ExitCode> = {
  400: bad,
  401: bad,
  403: bad,
  404: bad,
  409: exitCodes.refused,
  422: bad,
};

/** What is said where it was not Warren that answered, or it did not say. */
const words: Record<number, string> = {
  404: 'there is no API of Warren at this address (404).',
  502: 'what stands in front of it got no answer (502).',
  504: 'what stands in front of it got no answer in time (504).',
};

function failureOfStatus({ status, headers }: Answered, host: string, detail: string): RemoteFailure {
  const message = `${host}: ${detail || words[status] || `no answer of Warren (${status}).`}`;
  if (status === 429) return tooMany(host, headers);
  if (status >= 300 && status < 400) return new RemoteFailure('refused', redirectSentence(host, headers), bad);
  if (status === 502) return new RemoteFailure('cut', message);
  if (status === 504) return new RemoteFailure('late', message);
  const isUnsure = status < 400 || status >= 500;
  return new RemoteFailure(isUnsure ? 'unsure' : 'refused', message, exitCodesOf[status]);
}

function tooMany(host: string, headers: Answered['headers']): RemoteFailure {
  const text = String(headers['retry-after'] ?? '');
  const seconds = /^\d{1,6}$/.test(text) ? Number(text) : null;
  const sentence = `${host}: too many requests, try again in ${seconds === null ? 'a minute' : `${seconds} s`}.`;
  return new RemoteFailure('refused', sentence, exitCodes.failed, seconds === null ? null : seconds * 1_000);
}

function redirectSentence(host: string, { location }: Answered['headers']): string {
  const to = typeof location === 'string' ? ` to ${tidy(location)}` : '';
  return `${host} leads elsewhere${to}, and is not followed there: give the address where the API itself is.`;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
