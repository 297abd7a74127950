import type { LabNode, LabUser } from './topology.ts';
import { labUsers } from './topology.ts';

/** What a management API answered, or why it did not. */
export type ManagementAnswer =
  | { readonly status: number; readonly body: unknown }
  | { readonly status: undefined; readonly reason: string };

export interface ManagementRequest {
  readonly method?: 'GET' | 'PUT' | 'DELETE';
  readonly body?: unknown;
  readonly user?: LabUser;
  readonly timeoutMs?: number;
}

/** One request to the management API of one node, as the operator unless said otherwise. Never throws. */
export async function management(
  node: LabNode,
  path: string,
  request: ManagementRequest = {},
): Promise<ManagementAnswer> {
  const { name, password } = request.user ?? labUsers.operator;
  try {
    const response = await fetch(`http://${node.address}:${node.managementPort}/api/${path}`, {
      method: request.method ?? 'GET',
      headers: {
        authorization: `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`,
        'content-type': 'application/json',
      },
      signal: AbortSignal.timeout(request.timeoutMs ?? 3_000),
      ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
    });
    const text = await response.text();
    return { status: response.status, body: text.startsWith('{') || text.startsWith('[') ? JSON.parse(text) : text };
  } catch (error) {
    return { status: undefined, reason: reasonOf(error) };
  }
}

/** One row of `GET /api/nodes`, as far as the lab reads it. */
export interface NodeRow {
  readonly name: string;
  readonly running: boolean;
  readonly partitions: readonly string[];
}

/** The cluster as one node sees it, or the reason why it does not say. */
export async function clusterView(node: LabNode): Promise<readonly NodeRow[] | string> {
  const answer = await management(node, 'nodes?columns=name,running,partitions');
  if (answer.status === undefined) return answer.reason;
  if (answer.status !== 200 || !Array.isArray(answer.body)) return `the management API answered ${answer.status}`;
  return answer.body.map((row: Partial<NodeRow>) => ({
    name: row.name ?? '',
    running: row.running === true,
    partitions: row.partitions ?? [],
  }));
}

function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  if (!(cause instanceof Error)) return String(cause);
  return 'code' in cause && typeof cause.code === 'string' ? cause.code : cause.message;
}
