import type * as z from 'zod';
import type { Control } from '../../core/flow/control/control.ts';
import type { Caller } from '../../core/model/act.ts';
import type { Scope } from '../../core/model/config.ts';
import { noQuery, type ParameterName } from './schemas.ts';
import { validate } from './validate.ts';

/** A request whose address and caller are in order. */
export interface Asked {
  control: Control;
  caller: Caller;
  scope: Scope;
  /** Wall-clock milliseconds. */
  nowMs: number;
  /** The path that was asked for, without its query. */
  path: string;
  parameters: Record<ParameterName, string>;
  idempotencyKey: string | undefined;
}

/** Query and body, as they came. */
export interface RawInput {
  query: Record<string, unknown>;
  body: unknown;
}

export interface Reply {
  status: 200 | 202 | 503;
  /** Becomes JSON. */
  body: unknown;
  headers?: Record<string, string>;
}

interface RouteWords {
  /** Stable: `operationId` in the OpenAPI document. */
  id: string;
  method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** As OpenAPI writes it: `/v1/pairs/{pair}`. */
  path: `/${string}`;
  /** What a token needs; null: nobody has to say who they are. */
  scope: Scope | null;
  summary: string;
  description?: string;
}

/** One route: what it takes, and what it does. */
export interface Route extends RouteWords {
  query?: z.ZodObject;
  body?: z.ZodObject;
  /** @throws ProblemError, and what Control throws */
  handle(asked: Asked, raw: RawInput): Promise<Reply>;
}

type Input<Q, B> = Asked & { query: Q; body: B };

interface RouteSpec<Q extends z.ZodObject, B extends z.ZodObject> extends RouteWords {
  query?: Q;
  body?: B;
  handle(asked: Input<z.output<Q>, z.output<B>>): Promise<Reply>;
}

/** A route whose input was validated when it is handled. */
export function route<Q extends z.ZodObject = typeof noQuery, B extends z.ZodObject = typeof noQuery>(
  spec: RouteSpec<Q, B>,
): Route {
  const { query: querySchema = noQuery, body: bodySchema = noQuery } = spec;
  return {
    ...spec,
    handle: async (asked, raw) => {
      const query = validate(querySchema, raw.query, 'query') as z.output<Q>;
      const given = spec.method === 'DELETE' && isObject(raw.body) ? { ...query, ...raw.body } : raw.body;
      const body = validate(bodySchema, given, 'body') as z.output<B>;
      return await spec.handle({ ...asked, query, body });
    },
  };
}

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
