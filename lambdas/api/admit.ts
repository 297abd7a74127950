import type { Clock } from '../../core/flow/ports.ts';
import { addressOf } from '../shared/origin.ts';
import { ProblemError } from '../shared/problem.ts';
import { type Authorize, type Identity, type Presented, requireScope } from './authorize.ts';
import { createRateLimiter, type RateLimiter } from './rateLimit.ts';
import type { Route } from './route.ts';

/** How many requests are answered per minute. */
export interface Limits {
  readsPerToken: number;
  changesPerToken: number;
  /** Requests of one address that nobody known made. */
  strangersPerAddress: number;
}

export const defaultLimits: Limits = { readsPerToken: 120, changesPerToken: 20, strangersPerAddress: 10 };

/** Lets a request in. @throws ProblemError when nobody known makes it, too often, or without the scope it needs */
export type Admit = (presented: Presented, route: Route) => Promise<Identity>;

export function createAdmit(authorize: Authorize, limits: Limits, clock: Clock): Admit {
  const reads = createRateLimiter(limits.readsPerToken, clock);
  const changes = createRateLimiter(limits.changesPerToken, clock);
  const strangers = createRateLimiter(limits.strangersPerAddress, clock);
  return async (presented, { method, scope: needed }) => {
    const identity = await authorize(presented);
    if (identity === null) {
      // Whoever holds a token is let in from the same address all the same: a script with a wrong one must not shut out
      // the person who has to move traffic.
      takeOrRefuse(strangers, addressOf(presented.environment), 'this address, without a valid token');
      throw unauthorized(presented.authorization !== undefined);
    }
    const [limiter, what] = method === 'GET' ? [reads, 'reading'] : [changes, 'changing'];
    takeOrRefuse(limiter, identity.who, `${identity.who}, for ${what}`);
    if (needed !== null) requireScope(identity.scope, needed, `${method} here`);
    return identity;
  };
}

function takeOrRefuse(limiter: RateLimiter, key: string, who: string): void {
  const waitSeconds = limiter.take(key);
  if (waitSeconds === 0) return;
  const headers = { 'retry-after': String(waitSeconds) };
  throw new ProblemError('too-many-requests', `Too many requests of ${who}. Come again in ${waitSeconds} s.`, {
    headers,
  });
}

function unauthorized(wasPresented: boolean): ProblemError {
  const challenge = wasPresented ? 'Bearer realm="warren", error="invalid_token"' : 'Bearer realm="warren"';
  const detail = wasPresented ? 'The token presented is not valid here.' : 'Send a token: Authorization: Bearer TOKEN.';
  return new ProblemError('unauthorized', detail, { headers: { 'www-authenticate': challenge } });
}
