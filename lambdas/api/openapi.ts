import * as z from 'zod';
import {
  createDocument,
  type ZodOpenApiOperationObject,
  type ZodOpenApiPathsObject,
  type ZodOpenApiResponseObject,
  type ZodOpenApiResponsesObject,
} from 'zod-openapi';
import { problemNames } from '../shared/problem.ts';
import * as answers from './answers.ts';
import type { Route } from './route.ts';
import { documentPath, routes } from './routes.ts';
import { idempotencyKey, type ParameterName, parameters } from './schemas.ts';

/** The OpenAPI 3.1 document of the API. Made when the docs are, never while a request is answered. */
export function apiDocument(): object {
  const paths: ZodOpenApiPathsObject = {};
  for (const route of routes) paths[route.path] = { ...paths[route.path], [methodKey(route)]: operationOf(route) };
  paths[documentPath] = { get: documentOperation };
  const description =
    'Where pairs of RabbitMQ clusters stand, and what a person can ask of Warren. Every error is application/problem+json ' +
    '(RFC 9457) with a stable type. Moments are asked for in ISO 8601 or as durations, and answered in milliseconds.';
  return createDocument(
    {
      openapi: '3.1.1',
      info: { title: 'Warren', version: '1', description, license: { name: 'Apache-2.0', identifier: 'Apache-2.0' } },
      servers: [{ url: '/' }],
      paths,
      components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
    },
    { override: allowMore },
  );
}

const json = (schema: z.ZodType) => ({ 'application/json': { schema } });

/** What is answered in good cases, by route and status. */
const answersOf: Record<string, Record<number, z.ZodType>> = {
  listPairs: { 200: answers.pageOf(answers.pairStatus) },
  getPair: { 200: answers.pairStatus },
  getReadiness: { 200: answers.readiness },
  getHealth: { 200: answers.pageOf(answers.healthSlice) },
  listFlips: { 200: answers.pageOf(answers.operationSchema) },
  listTransitions: { 200: answers.pageOf(answers.transition) },
  listDecisions: { 200: answers.pageOf(answers.decisionRow) },
  listActsOfPair: { 200: answers.pageOf(answers.act) },
  listActs: { 200: answers.pageOf(answers.act) },
  getOperation: { 200: answers.operationState },
  getApiHealth: { 200: answers.apiHealth },
  startOperation: { 200: answers.rehearsal, 202: answers.accepted },
};

const statusWords: Record<string, string> = { 200: 'The answer', 202: 'Accepted; Location says where to follow it' };

function operationOf(route: Route): ZodOpenApiOperationObject {
  const { id, summary, description, scope, query, body } = route;
  return {
    operationId: id,
    summary,
    description: [description, scopeSentence(scope)].filter(Boolean).join(' '),
    security: scope === null ? [] : [{ token: [] }],
    requestParams: { path: pathParameters(route.path), ...(query && { query }), ...keyParameter(route) },
    ...(body && { requestBody: { required: route.method !== 'DELETE', content: json(body) } }),
    responses: responsesOf(route),
  };
}

const scopeSentence = (scope: Route['scope']) => (scope === null ? 'Needs no token.' : `Needs the scope ${scope}.`);

/** Of the names in a path: `/v1/pairs/{pair}`. */
function pathParameters(path: string): z.ZodObject {
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name as ParameterName);
  return z.object(Object.fromEntries(names.map((name) => [name, parameters[name]])));
}

const keyParameter = ({ method }: Route) =>
  method === 'GET' ? {} : { header: z.object({ 'Idempotency-Key': idempotencyKey.optional() }) };

function responsesOf(route: Route): ZodOpenApiResponsesObject {
  const responses: ZodOpenApiResponsesObject = {};
  for (const status of problemStatuses(route)) responses[`${status}` as '400'] = problemResponse(status);
  for (const [status, schema] of Object.entries(answersOf[route.id] ?? { 200: answers.answer }))
    responses[status as '200'] = { description: statusWords[status] ?? 'The answer', content: json(schema) };
  return { ...responses, ...(route.id === 'getReadiness' && { 503: unready }) };
}

/** Which problems a route can answer: the others are of other methods, and of addresses that are no route. */
function problemStatuses({ method, path, scope }: Route): number[] {
  const ofAll = scope === null ? [400, 500] : [400, 401, 403, 429, 500, 503];
  const ofNames = path.includes('{') ? [404] : [];
  return [...ofAll, ...ofNames, ...(method === 'GET' ? [] : [409, 413, 415, 422])];
}

const problemJson = { 'application/problem+json': { schema: answers.problem } };

/** One for all routes: `#/components/responses/Problem409`. */
const problemResponses = new Map<number, ZodOpenApiResponseObject>();

function problemResponse(status: number): ZodOpenApiResponseObject {
  const names = problemNames(status).join(', ');
  const made = { id: `Problem${status}`, description: `A problem: ${names}`, content: problemJson };
  const response = problemResponses.get(status) ?? made;
  problemResponses.set(status, response);
  return response;
}

const unready: ZodOpenApiResponseObject = {
  description: 'Not protected, and why: an answer, not an error. Or a problem: the store does not answer',
  content: { ...json(answers.readiness), ...problemJson },
};

const documentOperation: ZodOpenApiOperationObject = {
  operationId: 'getDocument',
  summary: 'This document',
  security: [],
  responses: { 200: { description: 'OpenAPI 3.1', content: { 'application/json': { schema: { type: 'object' } } } } },
};

const methodKey = ({ method }: Route) => method.toLowerCase() as 'get' | 'post' | 'put' | 'delete';

/** Answers may grow: who reads them must not refuse what they do not know. */
function allowMore({ jsonSchema, io }: { jsonSchema: { additionalProperties?: unknown }; io: string }): void {
  if (io === 'output' && jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties;
}
