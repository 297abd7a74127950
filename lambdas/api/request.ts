import type { Context } from 'hono';
import { type Control, Refusal, type RefusalName } from '../../core/flow/control/control.ts';
import { addressOf } from '../shared/origin.ts';
import { ProblemError } from '../shared/problem.ts';
import type { ApiEnvironment } from './app.ts';
import type { Identity } from './authorize.ts';
import { readJson } from './body.ts';
import type { FirstTimes } from './firstTimes.ts';
import type { Asked, RawInput } from './route.ts';
import { idempotencyKey, type ParameterName, parameters } from './schemas.ts';
import { validate } from './validate.ts';

const nobody: Identity = { who: 'anybody', scope: 'read' };

/** Who asks for what. @throws ProblemError, Refusal when a name in the path can be no name */
export function askedOf(
  context: Context<ApiEnvironment>,
  identity: Identity | null,
  control: Control,
  firstTimes: FirstTimes,
): Asked {
  const { who, scope } = identity ?? nobody;
  const { path, method } = context.req;
  const isChange = method !== 'GET' && method !== 'HEAD';
  const key = validate(idempotencyKey.optional(), context.req.header('idempotency-key'), 'header');
  return {
    control,
    scope,
    caller: { who, via: 'api', from: addressOf(context.env) },
    path,
    parameters: parametersOf(context),
    idempotencyKey: key,
    nowMs: firstTimes.of(isChange && key ? JSON.stringify([who, method, path, key]) : undefined),
  };
}

const unknown: Record<ParameterName, RefusalName> = {
  pair: 'unknown-pair',
  site: 'unknown-site',
  id: 'unknown-operation',
};

/** Those that the route has not are empty. */
function parametersOf(context: Context<ApiEnvironment>): Record<ParameterName, string> {
  const values = { pair: '', site: '', id: '', ...context.req.param() };
  for (const [name, value] of Object.entries(context.req.param()))
    if (!parameters[name as ParameterName].safeParse(value).success)
      throw new Refusal(unknown[name as ParameterName], `There is no ${name} of that name.`);
  return values;
}

/** Query and body as they came. @throws ProblemError */
export async function inputOf({ req }: Context<ApiEnvironment>): Promise<RawInput> {
  const query: Record<string, unknown> = {};
  for (const [key, [value, ...more]] of Object.entries(req.queries())) {
    if (more.length > 0) throw repeated(key);
    query[key] = value;
  }
  return { query, body: req.method === 'GET' || req.method === 'HEAD' ? {} : await readJson(req.raw) };
}

function repeated(key: string): ProblemError {
  const errors = [{ path: `(query) ${key.slice(0, 80)}`, value: 'the key a second time', expected: 'each key once' }];
  return new ProblemError('bad-request', 'A key of the query is there twice.', { errors });
}
