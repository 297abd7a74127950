import { randomUUID } from 'node:crypto';
import { type Context, Hono } from 'hono';
import type { Control } from '../../core/flow/control/control.ts';
import type { Clock } from '../../core/flow/ports.ts';
import { type RequestEnvironment, requestIdOf } from '../shared/origin.ts';
import { ProblemError, problemDocument, problemOf, safeHeaders } from '../shared/problem.ts';
import { type Admit, createAdmit, defaultLimits, type Limits } from './admit.ts';
import { answerJson, answerText } from './answer.ts';
import type { Authorize } from './authorize.ts';
import { createFirstTimes, type FirstTimes } from './firstTimes.ts';
import { askedOf, inputOf } from './request.ts';
import type { Route } from './route.ts';
import { documentPath, routes } from './routes.ts';

export interface ApiOptions {
  control: Control;
  authorize: Authorize;
  clock: Clock;
  /** The text of docs/openapi.json. */
  document: string;
  limits?: Limits;
  /** Told of an error that no answer foresees. */
  onFailure: (error: unknown, requestId: string) => void;
}

export type ApiEnvironment = { Bindings: RequestEnvironment; Variables: { requestId: string } };
export type Api = Hono<ApiEnvironment>;

type ApiContext = Context<ApiEnvironment>;

/** The HTTP API as a function from requests to answers: served locally, or behind API Gateway. */
export function createApi(options: ApiOptions): Api {
  const app: Api = new Hono();
  const fail = (error: unknown, context: ApiContext) => answerProblem(options, error, context);
  app.use(async (context, next) => {
    context.set('requestId', requestIdOf(context.env) ?? randomUUID());
    await next();
    finish(context);
  });
  const admit = createAdmit(options.authorize, options.limits ?? defaultLimits, options.clock);
  const firstTimes = createFirstTimes(options.clock);
  for (const route of routes) {
    const answer = (context: ApiContext) => answerRoute(context, route, options.control, admit, firstTimes);
    // Caught here, because Hono lets pass what is thrown and no Error.
    app.on(route.method, honoPath(route.path), (context) => answer(context).catch((error) => fail(error, context)));
  }
  app.get(documentPath, (context) => answerText(context.req.raw, 200, options.document, documentHeaders));
  for (const [path, methods] of methodsByPath())
    app.all(honoPath(path), (context) => fail(methodNotAllowed(methods), context));
  app.notFound((context) => fail(noSuchRoute(), context));
  app.onError(fail);
  return app;
}

const documentHeaders = { 'cache-control': 'public, max-age=300' };

async function answerRoute(
  context: ApiContext,
  route: Route,
  control: Control,
  admit: Admit,
  firstTimes: FirstTimes,
): Promise<Response> {
  const presented = { authorization: context.req.header('authorization'), environment: context.env };
  const identity = route.scope === null ? null : await admit(presented, route);
  const asked = askedOf(context, identity, control, firstTimes);
  const { status, body, headers = {} } = await route.handle(asked, await inputOf(context));
  return answerJson(context.req.raw, status, body, headers);
}

function finish({ res, get }: ApiContext): void {
  res.headers.set('x-request-id', get('requestId'));
  for (const [name, value] of Object.entries(safeHeaders)) if (!res.headers.has(name)) res.headers.set(name, value);
}

function answerProblem({ onFailure }: ApiOptions, error: unknown, { get }: ApiContext): Response {
  const ended = problemOf(error);
  if (ended.problem.status === 500) onFailure(error, get('requestId'));
  const headers = { ...ended.headers, 'content-type': 'application/problem+json' };
  const text = `${JSON.stringify(problemDocument(ended, get('requestId')))}\n`;
  return new Response(text, { status: ended.problem.status, headers });
}

function noSuchRoute(): ProblemError {
  return new ProblemError('no-such-route', `There is nothing here. ${documentPath} lists every route.`);
}

function methodNotAllowed(methods: readonly string[]): ProblemError {
  const allow = methods.join(', ');
  return new ProblemError('method-not-allowed', `This route knows ${allow}.`, { allowed: methods, headers: { allow } });
}

/** HEAD is answered wherever GET is. */
function methodsByPath(): Map<string, string[]> {
  const methods = new Map<string, string[]>([[documentPath, ['GET', 'HEAD']]]);
  for (const { path, method } of routes)
    methods.set(path, [...(methods.get(path) ?? []), ...(method === 'GET' ? ['GET', 'HEAD'] : [method])]);
  return methods;
}

/** `/v1/pairs/{pair}` as Hono writes it: `/v1/pairs/:pair`. */
const honoPath = (path: string) => path.replaceAll(/\{(\w+)\}/g, ':$1');
