import { DynamoDBClient, type DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import { type Clock, type Random, StoreUnavailable } from '../../core/flow/ports.ts';
import { retried, Unanswered } from './attempts.ts';
import { openTable, type Send, type Table } from './table.ts';

export interface ConnectionOptions {
  /** Unset: where the AWS SDK finds it. */
  region?: string;
  /** Unset: that of the Region, or `AWS_ENDPOINT_URL_DYNAMODB`. */
  endpoint?: string;
  /** Used instead of an own one, and left open. It must be bounded in time, and not try again by itself. */
  client?: DynamoDBClient;
  clock: Clock;
  random: Random;
  /** How long one call may take, whatever happens; below the lease of an operation (5 s). */
  deadlineMs?: number;
  /** How long one answer is waited for. */
  requestTimeoutMs?: number;
}

/** Nobody knows whether the write was done. */
export class OutcomeUnknown extends StoreUnavailable {}

export interface Connection {
  readonly deadlineMs: number;
  /**
   * Does some work on a table, within a time. @throws ConditionLost; StoreUnavailable (OutcomeUnknown, where a write may
   * have been done) in a sentence that names table and Region.
   */
  within<T>(table: string, ms: number, work: (table: Table) => Promise<T>): Promise<T>;
  close(): void;
}

const connectionTimeoutMs = 1_000;

export function openConnection(options: ConnectionOptions): Connection {
  const { deadlineMs = 4_000, clock } = options;
  const client = options.client ?? new DynamoDBClient(configOf(options));
  let isClosed = false;

  async function within<T>(table: string, ms: number, work: (table: Table) => Promise<T>): Promise<T> {
    if (isClosed) throw new StoreUnavailable('the store is closed');
    const done = new AbortController();
    const over = new AbortController();
    void clock.sleep(ms, done.signal).then(() => over.abort());
    try {
      const send: Send = (attempt) => retried(options, over.signal, attempt);
      return await work(openTable(client, table, send));
    } catch (error) {
      throw error instanceof Unanswered ? await explained(client, table, error) : error;
    } finally {
      done.abort();
    }
  }

  return {
    deadlineMs,
    within,
    close() {
      if (!isClosed && !options.client) client.destroy();
      isClosed = true;
    },
  };
}

function configOf({ region, endpoint, requestTimeoutMs = 1_500 }: ConnectionOptions): DynamoDBClientConfig {
  const requestHandler = {
    connectionTimeout: connectionTimeoutMs,
    requestTimeout: requestTimeoutMs,
    // Otherwise the SDK only warns, on the output of the service.
    throwOnRequestTimeout: true,
  };
  // Trying again is ours: a second patience inside the first would multiply both, and hide that a write was sent twice.
  return { maxAttempts: 1, requestHandler, ...(region && { region }), ...(endpoint && { endpoint }) };
}

async function explained(client: DynamoDBClient, table: string, error: Unanswered): Promise<StoreUnavailable> {
  const region = await client.config.region().catch(() => 'an unknown Region');
  const sentence = `DynamoDB table ${table} in ${region}: ${error.failure.sentence}`;
  return new (error.isUncertain ? OutcomeUnknown : StoreUnavailable)(sentence, { cause: error.cause });
}
