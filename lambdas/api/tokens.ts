import { createHash, timingSafeEqual } from 'node:crypto';
import type { Clock } from '../../core/flow/ports.ts';
import type { Scope } from '../../core/model/config.ts';
import type { Authorize, Identity } from './authorize.ts';

/** One token of the configuration. */
export interface TokenSource {
  name: string;
  scope: Scope;
  /** Asked again and again, so that a rotated file is picked up. May reject. */
  resolve: () => Promise<string>;
}

export interface TokenOptions {
  tokens: readonly TokenSource[];
  clock: Clock;
  /** Told once when a token cannot be used any more, by its name. */
  onUnusable: (name: string) => void;
}

interface KnownToken extends Identity {
  digest: Buffer;
}

const shortest = 16;
/** How long resolved tokens are taken as they are: a flood of requests is no flood of file reads. */
const freshForMs = 1_000;

/** What is wrong with the text of a token, as `expected …`; null: it can be used. */
export function tokenProblem(text: string): string | null {
  if (text.length < shortest) return `expected at least ${shortest} characters; try openssl rand -hex 24`;
  return /^[\x21-\x7e]+$/.test(text) ? null : 'expected visible ASCII characters without spaces';
}

/** Knows callers by bearer tokens (RFC 6750). How long a comparison takes says nothing about any token. */
export function createTokenAuthorizer(options: TokenOptions): Authorize {
  const { clock } = options;
  const unusable = new Set<string>();
  let known: { tokens: Promise<KnownToken[]>; atMs: number } | null = null;
  return async ({ authorization = '' }) => {
    const [, presented] = authorization.match(/^bearer +([\x21-\x7e]+) *$/i) ?? [];
    if (presented === undefined) return null;
    if (known === null || clock.monotonicMs() - known.atMs > freshForMs)
      known = { tokens: resolveAll(options, unusable), atMs: clock.monotonicMs() };
    return find(await known.tokens, digestOf(presented));
  };
}

/** Looks at every token, found or not. */
function find(tokens: readonly KnownToken[], digest: Buffer): Identity | null {
  const matches = tokens.filter((token) => timingSafeEqual(token.digest, digest));
  const [match] = matches;
  return match ? { who: match.who, scope: match.scope } : null;
}

async function resolveAll({ tokens, onUnusable }: TokenOptions, unusable: Set<string>): Promise<KnownToken[]> {
  const resolved = await Promise.all(
    tokens.map(async ({ name, scope, resolve }): Promise<KnownToken | null> => {
      const text = await resolve().catch(() => '');
      return tokenProblem(text) === null ? { who: name, scope, digest: digestOf(text) } : null;
    }),
  );
  tokens.forEach(({ name }, index) => {
    if (!resolved[index] && !unusable.has(name)) onUnusable(name);
    if (resolved[index]) unusable.delete(name);
    else unusable.add(name);
  });
  return resolved.filter((token) => token !== null);
}

const digestOf = (text: string) => createHash('sha256').update(text).digest();
