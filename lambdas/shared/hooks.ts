import { createHooks } from '../../adapters/notify/hooks.ts';
import { systemClock } from '../../adapters/system/clock.ts';
import type { Hooks } from '../../core/flow/ports.ts';
import type { Pair } from '../../core/model/config.ts';
import { type SecretSource, secretText } from './credentials.ts';

/** The hooks of a pair, as the core asks them. */
export function hooksOf(pair: Pair, source: SecretSource): Hooks {
  const resolve = (reference: string) => secretText(reference, source);
  return createHooks({ config: pair.hooks, resolve, clock: systemClock, random: Math.random });
}
