import { askHook } from '../adapters/notify/hooks.ts';
import { systemClock } from '../adapters/system/clock.ts';
import type { HookAnswer } from '../core/flow/ports.ts';
import type { Config } from '../core/model/config.ts';
import { type SecretSource, secretText } from './credentials.ts';

/** A hook that can be asked whether it is there, by its place in the configuration: its URL may be a secret. */
export interface HookTest {
  path: string;
  pair: string;
  ask(): Promise<HookAnswer>;
}

/** Every configured hook. */
export function hookTestsOf({ pairs }: Config, source: SecretSource): HookTest[] {
  const resolve = (reference: string) => secretText(reference, source);
  return pairs.flatMap(({ name, hooks }, index) =>
    Object.entries(hooks).flatMap(([moment, hook]) => {
      if (!hook) return [];
      const ask = () => askHook(hook, { resolve, clock: systemClock }, 'test', null);
      return [{ path: `pairs[${index}].hooks.${moment}`, pair: name, ask }];
    }),
  );
}
