import { afterAll, beforeAll } from '@jest/globals';
import { createDynamodbStore, type DynamodbStoreOptions } from '../../../adapters/dynamodb/store.ts';
import { systemClock } from '../../../adapters/system/clock.ts';
import type { Store } from '../../../core/flow/ports.ts';
import { credentials, region } from '../../support/aws/dynamodb.ts';

type Options = Partial<DynamodbStoreOptions> & Pick<DynamodbStoreOptions, 'stateTable' | 'historyTable' | 'endpoint'>;

/** A store with a client of its own, as a service opens it; credentials come from the environment. */
export function openStore(options: Options): Store {
  return createDynamodbStore({ region, clock: systemClock, random: Math.random, ...options });
}

const names = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_EC2_METADATA_DISABLED'] as const;

/** Puts credentials into the environment for the tests of a file. */
export function useCredentials(): void {
  const before = names.map((name) => process.env[name]);
  beforeAll(() => {
    const { accessKeyId, secretAccessKey } = credentials;
    for (const [index, value] of [accessKeyId, secretAccessKey, 'true'].entries())
      process.env[names[index] ?? ''] = value;
  });
  afterAll(() => {
    for (const [index, name] of names.entries())
      if (before[index] === undefined) delete process.env[name];
      else process.env[name] = before[index];
  });
}
