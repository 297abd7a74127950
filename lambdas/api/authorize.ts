import type { Scope } from '../../core/model/config.ts';
import type { RequestEnvironment } from '../shared/origin.ts';
import { ProblemError } from '../shared/problem.ts';

/** Who asks, and what they may. */
export interface Identity {
  who: string;
  scope: Scope;
}

/** What can be known of a request before it is believed. */
export interface Presented {
  /** The header `Authorization`. */
  authorization: string | undefined;
  environment: RequestEnvironment;
}

/** Says who asks; null: nobody that is known. Behind API Gateway another one can read what AWS has verified. */
export type Authorize = (presented: Presented) => Promise<Identity | null>;

const order: readonly Scope[] = ['read', 'operate', 'admin'];

/** Each scope includes those before it. */
function includes(scope: Scope, needed: Scope): boolean {
  return order.indexOf(scope) >= order.indexOf(needed);
}

/** @param what the beginning of a sentence, such as `Overriding a guard` @throws ProblemError that names the scope */
export function requireScope(scope: Scope, needed: Scope, what: string): void {
  if (includes(scope, needed)) return;
  const headers = { 'www-authenticate': `Bearer error="insufficient_scope", scope="${needed}"` };
  const detail = `${what} needs a token with the scope ${needed}; this one has ${scope}.`;
  throw new ProblemError('forbidden', detail, { allowed: [needed], headers });
}
