import { createHash, randomUUID } from 'node:crypto';
import { createDynamodbStore } from '../../adapters/dynamodb/store.ts';
import { systemClock } from '../../adapters/system/clock.ts';
import type { Control } from '../../core/flow/control/control.ts';
import { createControl } from '../../core/flow/control/local.ts';
import type { ControlOptions } from '../../core/flow/control/options.ts';
import type { Store } from '../../core/flow/ports.ts';
import { type SecretSource, secretText } from './credentials.ts';
import { isSwitchedOff, type Settings } from './settings.ts';
import { restingTargetsOf } from './targets.ts';

/** The store of a deployment. Nothing is asked of AWS before the first call. */
export function openStore({ stateTable, historyTable, storeRegion }: Settings): Store {
  const region = storeRegion === undefined ? {} : { region: storeRegion };
  return createDynamodbStore({ stateTable, historyTable, ...region, clock: systemClock, random: Math.random });
}

/** Where a deployment's secrets are looked for. */
export function secretsOf({ configPath, environment }: Settings): SecretSource {
  return { configPath, environment };
}

/** Control over the store of a deployment. Closing it leaves the store open. */
export function controlOf(
  settings: Settings,
  store: Store,
  more: Pick<ControlOptions, 'fencer' | 'close'> = {},
): Control {
  const { pairs, fleet } = settings.config;
  const secrets = secretsOf(settings);
  const context = { clock: systemClock, secretText: (reference: string) => secretText(reference, secrets) };
  return createControl({
    pairs,
    fleet,
    store,
    clock: systemClock,
    targetsOf: (pair) => restingTargetsOf(pair, context),
    newId: randomUUID,
    fingerprint: (text) => createHash('sha256').update(text).digest('hex'),
    killSwitch: () => isSwitchedOff(settings),
    ...more,
  });
}
