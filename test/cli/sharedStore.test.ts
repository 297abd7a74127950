import { existsSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { Store } from '../../core/flow/ports.ts';
import { newPairRecord } from '../../core/model/record.ts';
import { openStore, useCredentials } from '../adapters/dynamodb/place.ts';
import { all } from '../adapters/dynamodb/samples.ts';
import { credentials, type DynamodbServer, newTables, region, startDynalite } from '../support/aws/dynamodb.ts';
import { createPlace, probeEnvironment, type Running, unreachableConfig } from './command.ts';

useCredentials();
const place = createPlace();
let server: DynamodbServer;
let store: Store;
/** The tables as people write them. */
let tables: string;
let environment: Record<string, string>;
let running: Running | undefined;

beforeAll(async () => {
  server = await startDynalite();
  const names = await newTables(server.url, 'cli');
  store = openStore({ ...names, endpoint: server.url });
  tables = `dynamodb:${names.stateTable},${names.historyTable}@${region}`;
  place.write('warren.yaml', unreachableConfig().replace('version: 1', `version: 1\nstore: "${tables}"`));
  environment = {
    ...probeEnvironment,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    AWS_ENDPOINT_URL_DYNAMODB: server.url,
  };
  await store.writePair({ ...newPairRecord('demo'), desired: 'beijing', epoch: 7 });
});
afterAll(async () => {
  await store.close();
  await server.close();
  place.remove();
});

afterEach(() => {
  running?.child.kill('SIGKILL');
});

function start(words: string[]): Running {
  running = place.start(words, environment);
  return running;
}

describe('a store in tables that others share', () => {
  test('is asked and changed by every command', async () => {
    const { stdout } = await place.run(['status', '--json'], environment);
    expect(JSON.parse(stdout)).toMatchObject({ pairs: [{ record: { desired: 'beijing', epoch: 7 } }] });
    const pause = ['pause', 'demo', '--for', '10m', '--reason', 'new disks', '--who', 'alice'];
    expect(await place.run(pause, environment)).toMatchObject({ code: 0, stderr: '' });
    expect((await store.readPair('demo'))?.pause).toMatchObject({ owner: 'alice', reason: 'new disks' });
    expect((await place.run(['audit'], environment)).stdout).toContain('new disks');
    expect(existsSync(place.path('warren.db'))).toBe(false);
  });

  test('is named by the service, and has what it decides', async () => {
    const service = start(['run']);
    await service.untilPrinted(`store ${tables}.`);
    await service.untilPrinted('Where traffic goes is unknown');
    service.child.kill('SIGTERM');
    expect(await service.ended).toMatchObject({ code: 0, stderr: '' });
    expect(await store.listDecisions('demo', all)).toMatchObject([{ decision: { reason: 'targets-unreadable' } }]);
    expect(existsSync(place.path('warren.db'))).toBe(false);
  });

  test('that is not there is named, with its Region, by a command', async () => {
    const words = ['status', '--store', 'dynamodb:no-state,no-history@eu-west-3'];
    expect(await place.run(words, environment)).toEqual({
      code: 1,
      stdout: '',
      stderr: 'warren: DynamoDB table no-state in eu-west-3: there is no such table\n',
    });
  });

  test('that is not there moves nothing, and does not end the service', async () => {
    const service = start(['run', '--store', 'dynamodb:no-state,no-history@eu-west-3']);
    await service.untilPrinted('nothing is moved. DynamoDB table no-state in eu-west-3: there is no such table');
    service.child.kill('SIGTERM');
    expect(await service.ended).toMatchObject({ code: 0, stderr: '' });
  });

  test.each(['run', 'status'])('that nobody can understand is bad input to %s', async (command) => {
    expect(await place.run([command, '--store', 'dynamodb:warren-state'], environment)).toEqual({
      code: 2,
      stdout: '',
      stderr:
        'warren: --store: got "dynamodb:warren-state", expected the path of a file, or dynamodb:STATE_TABLE,HISTORY_TABLE[@REGION].\n',
    });
  });
});

test('the AWS SDK is loaded for tables alone', async () => {
  const hooks = `import { registerHooks } from 'node:module';
    registerHooks({ resolve(name, context, next) {
      if (name.startsWith('@aws-sdk/')) throw new Error('the SDK is loaded');
      return next(name, context);
    } });`;
  const trapped = { ...environment, NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(hooks)}` };
  const statusOf = (where: string) => place.run(['status', '--store', where], trapped);
  expect(await statusOf('file.db')).toMatchObject({ code: 3, stderr: '' });
  expect(await statusOf(tables)).toMatchObject({ code: 1, stderr: expect.stringContaining('the SDK is loaded') });
});
