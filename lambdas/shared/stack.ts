import middy from '@middy/core';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';
import type { Hono } from 'hono';
import { handle } from 'hono/aws-lambda';
import type { Clock } from '../../core/flow/ports.ts';
import type { RequestEnvironment } from './origin.ts';
import { outOfTime, ProblemError, problemDocument, problemOf, safeHeaders } from './problem.ts';

export interface StackOptions {
  clock: Clock;
  /** Takes one line. */
  log: (line: string) => void;
  /** The `kind` of the line that is logged for each request. */
  kind: string;
}

export type ApiGatewayHandler = (
  event: APIGatewayProxyEventV2,
  context: Context,
) => Promise<APIGatewayProxyStructuredResultV2>;

type Middleware = middy.MiddlewareObj<APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2>;
type Turn = Parameters<NonNullable<Middleware['after']>>[0];

/** The answer must have left before the function is stopped. */
const reserveMs = 500;

/** An application as a Lambda function behind API Gateway (HTTP API, payload version 2.0). */
export function createLambdaHandler<E extends { Bindings: RequestEnvironment }>(
  app: Hono<E>,
  options: StackOptions,
): ApiGatewayHandler {
  const answer = handle(app) as unknown as ApiGatewayHandler;
  const stack = middy((event: APIGatewayProxyEventV2, context: Context) => answer(withoutUselessBody(event), context), {
    timeoutEarlyInMillis: reserveMs,
    timeoutEarlyResponse: () => {
      throw outOfTime();
    },
  });
  return stack.use(requestLog(options)).use(problems()) as unknown as ApiGatewayHandler;
}

/** One line of JSON for each request. Says who asked for what by address and path: no header, no query, no body. */
function requestLog({ clock, log, kind }: StackOptions): Middleware {
  const startedAtMs = new WeakMap<object, number>();
  const write = ({ event, response }: Turn) => {
    const { requestId, http } = event.requestContext;
    const durationMs = Math.round(clock.monotonicMs() - (startedAtMs.get(event) ?? clock.monotonicMs()));
    const what = { method: http.method, path: event.rawPath.slice(0, 200), status: response?.statusCode };
    log(JSON.stringify({ kind, requestId, ...what, durationMs, from: http.sourceIp }));
  };
  return {
    before: ({ event }) => {
      startedAtMs.set(event, clock.monotonicMs());
    },
    after: write,
    onError: write,
  };
}

/** Whatever ends a request becomes a problem, also what ends it before the application has it. */
function problems(): Middleware {
  return {
    before: ({ event }) => requireRequest(event),
    onError: (turn) => {
      turn.response = gatewayAnswer(problemOf(turn.error), turn.event);
    },
  };
}

/** Hono would log what can be no request with all that is in its address. @throws ProblemError */
function requireRequest({ requestContext, rawPath, rawQueryString, headers }: APIGatewayProxyEventV2): void {
  try {
    const { domainName, http } = requestContext;
    new Request(`https://${domainName}${rawPath}?${rawQueryString}`, { method: http.method, headers: fields(headers) });
  } catch {
    throw new ProblemError('bad-request', 'The address, the method or a header cannot be understood.');
  }
}

const fields = (headers: APIGatewayProxyEventV2['headers']) =>
  Object.entries(headers).map(([name, value]): [string, string] => [name, value ?? '']);

/** What reads has no body: a Request of the standard refuses to be made with one. */
function withoutUselessBody(event: APIGatewayProxyEventV2): APIGatewayProxyEventV2 {
  const { body, ...others } = event;
  const { method } = event.requestContext.http;
  return method === 'GET' || method === 'HEAD' ? others : event;
}

function gatewayAnswer(error: ProblemError, { requestContext }: APIGatewayProxyEventV2) {
  const { requestId } = requestContext;
  return {
    statusCode: error.problem.status,
    headers: {
      ...safeHeaders,
      ...error.headers,
      'content-type': 'application/problem+json',
      'x-request-id': requestId,
    },
    body: JSON.stringify(problemDocument(error, requestId)),
    isBase64Encoded: false,
  };
}
