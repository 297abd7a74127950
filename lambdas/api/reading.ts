import type { PairStatus } from '../../core/explain/status.ts';
import { Refusal } from '../../core/flow/control/control.ts';
import { paged, rangeOf } from './paging.ts';
import { type Asked, type Reply, type Route, route } from './route.ts';
import { healthQuery, pageQuery } from './schemas.ts';

const dayMs = 86_400_000;
const minuteMs = 60_000;

/** What can be asked without changing anything. */
export const readingRoutes: Route[] = [
  route({
    id: 'listPairs',
    method: 'GET',
    path: '/v1/pairs',
    scope: 'read',
    summary: 'Where every pair stands',
    handle: async ({ control }) => ok({ items: await control.status(), nextCursor: null }),
  }),
  route({
    id: 'getPair',
    method: 'GET',
    path: '/v1/pairs/{pair}',
    scope: 'read',
    summary: 'Where one pair stands',
    handle: async (asked) => ok(await statusOf(asked)),
  }),
  route({
    id: 'getReadiness',
    method: 'GET',
    path: '/v1/pairs/{pair}/readiness',
    scope: 'read',
    summary: 'Whether traffic would move by itself if the active side went down now',
    description:
      'Made for monitors that only look at the status: 200 when the pair is protected, 503 when it is not. That 503 is an ' +
      'answer, not an error: its body has the same form, with the reason. Problems are application/problem+json.',
    handle: async (asked) => readiness(await statusOf(asked)),
  }),
  route({
    id: 'getHealth',
    method: 'GET',
    path: '/v1/pairs/{pair}/health',
    scope: 'read',
    summary: 'Share of time that each site spent in each state',
    description: 'The last day, where nothing else is asked.',
    query: healthQuery,
    handle: async ({ control, parameters: { pair }, query, nowMs }) => {
      const { fromMs, toMs } = rangeOf(query, nowMs, (endMs) => endMs - dayMs);
      const resolutionMs = query.resolution ?? Math.max(minuteMs, Math.ceil((toMs - fromMs) / 100));
      return ok({ items: await control.health(pair, { fromMs, toMs, resolutionMs }), nextCursor: null });
    },
  }),
  route({
    id: 'listFlips',
    method: 'GET',
    path: '/v1/pairs/{pair}/flips',
    scope: 'read',
    summary: 'Operations: the one under way and those that have ended, newest first',
    query: pageQuery,
    handle: (asked) => paged(asked, (page) => asked.control.operations(asked.parameters.pair, page)),
  }),
  route({
    id: 'listTransitions',
    method: 'GET',
    path: '/v1/pairs/{pair}/transitions',
    scope: 'read',
    summary: 'Changes of the health of the sites, newest first',
    query: pageQuery,
    handle: (asked) => paged(asked, (page) => asked.control.transitions(asked.parameters.pair, page)),
  }),
  route({
    id: 'listDecisions',
    method: 'GET',
    path: '/v1/pairs/{pair}/decisions',
    scope: 'read',
    summary: 'What was decided and why, with the observations behind it, newest first',
    query: pageQuery,
    handle: (asked) => paged(asked, (page) => asked.control.decisions(asked.parameters.pair, page)),
  }),
  route({
    id: 'listActsOfPair',
    method: 'GET',
    path: '/v1/pairs/{pair}/acts',
    scope: 'read',
    summary: 'What people did to a pair: the audit, newest first',
    query: pageQuery,
    handle: (asked) => paged(asked, (page) => asked.control.acts(asked.parameters.pair, page)),
  }),
  route({
    id: 'listActs',
    method: 'GET',
    path: '/v1/acts',
    scope: 'read',
    summary: 'What people did to all pairs at once: the audit, newest first',
    query: pageQuery,
    handle: (asked) => paged(asked, (page) => asked.control.acts(null, page)),
  }),
  route({
    id: 'getOperation',
    method: 'GET',
    path: '/v1/operations/{id}',
    scope: 'read',
    summary: 'Where something that was asked for stands',
    handle: async ({ control, parameters: { id } }) => ok(await control.operation(id)),
  }),
  route({
    id: 'getApiHealth',
    method: 'GET',
    path: '/v1/health',
    scope: null,
    summary: 'Whether the API itself answers; says nothing of any pair',
    handle: async () => ok({ status: 'ok' }),
  }),
];

async function statusOf({ control, parameters: { pair } }: Asked): Promise<PairStatus> {
  const [status] = await control.status(pair);
  if (status) return status;
  throw new Refusal('unknown-pair', `There is no pair "${pair}".`);
}

function readiness({ pair, atMs, protection }: PairStatus): Reply {
  return { status: protection.protected ? 200 : 503, body: { pair, atMs, ...protection } };
}

function ok(body: unknown): Reply {
  return { status: 200, body };
}
