import { createVirtualClock, type VirtualClock } from '../../../adapters/memory/clock.ts';
import { type Api, type ApiOptions, createApi } from '../../../lambdas/api/app.ts';
import { openApiDocument } from '../../../lambdas/api/document.ts';
import { createTokenAuthorizer } from '../../../lambdas/api/tokens.ts';
import { createFakeControl, type FakeControl } from '../fakeControl.ts';

export const tokens = {
  read: 'a-token-that-may-read',
  operate: 'a-token-that-may-operate',
  admin: 'a-token-that-may-do-all',
} as const;

/** What was answered, with its body parsed. */
export interface Answered {
  status: number;
  headers: Headers;
  body: Record<string, unknown>;
}

export interface Rig {
  api: Api;
  control: FakeControl;
  clock: VirtualClock;
  /** Errors that no answer foresees, and tokens that cannot be used. */
  told: unknown[];
  /** Asks as the holder of a token, from an address. */
  ask(
    method: string,
    path: string,
    more?: { token?: string | null; body?: unknown; headers?: Record<string, string>; from?: string },
  ): Promise<Answered>;
}

/** The API over a fake Control, on a clock that stands still. */
export function createRig(change: Partial<ApiOptions> = {}): Rig {
  const control = createFakeControl();
  const clock = createVirtualClock();
  const told: unknown[] = [];
  const sources = (['read', 'operate', 'admin'] as const).map((scope) => ({
    name: `${scope}er`,
    scope,
    resolve: async () => tokens[scope],
  }));
  const api = createApi({
    control,
    clock,
    document: openApiDocument(),
    authorize: createTokenAuthorizer({ tokens: sources, clock, onUnusable: (name) => told.push(name) }),
    onFailure: (error) => told.push(error),
    ...change,
  });
  const ask: Rig['ask'] = async (method, path, { token = tokens.admin, body, headers, from = '10.0.0.1' } = {}) => {
    const all = new Headers(headers);
    if (token !== null) all.set('authorization', `Bearer ${token}`);
    if (body !== undefined && !all.has('content-type')) all.set('content-type', 'application/json');
    const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
    const request = new Request(`http://warren${path}`, {
      method,
      headers: all,
      ...(text !== undefined && { body: text }),
    });
    return await answered(await api.fetch(request, environmentOf(from)));
  };
  return { api, control, clock, told, ask };
}

export async function answered(response: Response): Promise<Answered> {
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text === '' ? {} : JSON.parse(text) };
}

/** A connection from an address. */
export function environmentOf(remoteAddress: string) {
  return { incoming: { socket: { remoteAddress } } as never };
}
