import * as z from 'zod';

/**
 * The connection limit in an answer to GET /api/user-limits/{user}; null: none, undefined: not understood. Without a limit
 * brokers answer `[]`, `{}`, `value: []` or `value: {}`, by version and history; a negative one means none (RabbitMQ HTTP API
 * reference; seen on 3.10.8 and 4.0.5).
 */
export function limitIn(body: unknown): number | null | undefined {
  const { data: rows } = limitsBody.safeParse(Array.isArray(body) ? body : [body]);
  if (!rows) return undefined;
  const limits = rows.flatMap(({ value }) => (Array.isArray(value) ? [] : [value?.['max-connections'] ?? -1]));
  return limits.find((limit) => limit >= 0) ?? null;
}

const limitsBody = z.array(
  z.object({
    value: z.union([z.array(z.unknown()).max(0), z.object({ 'max-connections': z.int().optional() })]).optional(),
  }),
);

/**
 * The nodes of the connections in an answer to GET /api/connections/username/{user}, null where a row has none; undefined:
 * not understood. It comes from the tracking tables of the whole cluster, without the delay of statistics (seen on 3.10.8).
 */
export function connectionNodesIn(body: unknown): (string | null)[] | undefined {
  return connectionsBody.safeParse(body).data?.map(({ node }) => node ?? null);
}

const connectionsBody = z.array(z.object({ node: z.string().optional() }));

export interface QueuePage {
  queues: { name: string; messages: number | null }[];
  pages: number;
}

/** One page of GET /api/queues/{vhost}; undefined: not understood. `messages` is missing while nobody knows the number. */
export function queuePageIn(body: unknown): QueuePage | undefined {
  const { data } = queuesBody.safeParse(body);
  if (!data) return undefined;
  return {
    queues: data.items.map(({ name, messages }) => ({ name, messages: messages ?? null })),
    pages: data.page_count,
  };
}

const queuesBody = z.object({
  items: z.array(z.object({ name: z.string(), messages: z.int().optional() })),
  page_count: z.int(),
});
