import type * as z from 'zod';
import type { OperationWanted } from '../../core/flow/control/control.ts';
import { requireScope } from './authorize.ts';
import { future } from './moment.ts';
import { type Asked, type Reply, type Route, route } from './route.ts';
import { ackBody, operationBody, pauseBody, whyBody, whyQuery } from './schemas.ts';
import { pairThatCanGoOn, pairThatWaits } from './stalled.ts';

/** What changes something. Each takes a reason, can be rehearsed, and is written to the audit first. */
export const changingRoutes: Route[] = [
  route({
    id: 'startOperation',
    method: 'POST',
    path: '/v1/pairs/{pair}/operations',
    scope: 'operate',
    summary: 'Asks for a failover, a switchover or a drill',
    description:
      'The running service does it: 202, and Location says where to follow it. With dryRun: 200, every guard and every ' +
      'step, and nothing is changed. A failover that overrides guards needs the scope admin.',
    body: operationBody,
    handle: startOperation,
  }),
  route({
    id: 'cancelOperation',
    method: 'POST',
    path: '/v1/operations/{id}/cancel',
    scope: 'operate',
    summary: 'Calls off what has not passed its point of no return; ends the hold of a drill',
    body: whyBody,
    handle: async (asked) => ok(await asked.control.cancel(asked.caller, asked.parameters.id, whyOf(asked))),
  }),
  route({
    id: 'approveOperation',
    method: 'POST',
    path: '/v1/operations/{id}/approve',
    scope: 'operate',
    summary: 'Agrees to an operation that is under way and waits for a person',
    description: 'A move that waits in mode approve is no operation yet: POST /v1/pairs/{pair}/approve.',
    body: whyBody,
    handle: async (asked) => {
      const pair = await pairThatWaits(asked.control, asked.parameters.id);
      return ok(await asked.control.approve(asked.caller, pair, whyOf(asked)));
    },
  }),
  route({
    id: 'retryOperation',
    method: 'POST',
    path: '/v1/operations/{id}/retry',
    scope: 'operate',
    summary: 'Lets a stalled operation try again',
    body: whyBody,
    handle: async (asked) => {
      const pair = await pairThatCanGoOn(asked.control, asked.parameters.id);
      return ok(await asked.control.retry(asked.caller, pair, whyOf(asked)));
    },
  }),
  route({
    id: 'approve',
    method: 'POST',
    path: '/v1/pairs/{pair}/approve',
    scope: 'operate',
    summary: 'In mode approve: agrees to the move that waits',
    body: whyBody,
    handle: async (asked) => ok(await asked.control.approve(asked.caller, asked.parameters.pair, whyOf(asked))),
  }),
  route({
    id: 'retry',
    method: 'POST',
    path: '/v1/pairs/{pair}/retry',
    scope: 'operate',
    summary: 'Lets the stalled operation of a pair try again',
    body: whyBody,
    handle: async (asked) => ok(await asked.control.retry(asked.caller, asked.parameters.pair, whyOf(asked))),
  }),
  route({
    id: 'acknowledge',
    method: 'POST',
    path: '/v1/pairs/{pair}/ack',
    scope: 'operate',
    summary: 'Releases the latch and the cooldown, or answers a foreign edit of a target',
    body: ackBody,
    handle: async (asked) => {
      const why = { ...whyOf(asked), drift: asked.body.drift };
      return ok(await asked.control.ack(asked.caller, asked.parameters.pair, why));
    },
  }),
  route({
    id: 'pausePair',
    method: 'PUT',
    path: '/v1/pairs/{pair}/pause',
    scope: 'operate',
    summary: 'No automatic operation and no repair of a pair for a while',
    body: pauseBody,
    handle: async (asked) => ok(await asked.control.pause(asked.caller, asked.parameters.pair, whyUntil(asked))),
  }),
  route({
    id: 'resumePair',
    method: 'DELETE',
    path: '/v1/pairs/{pair}/pause',
    scope: 'operate',
    summary: 'Ends the pause of a pair',
    query: whyQuery,
    body: whyBody,
    handle: async (asked) => ok(await asked.control.resume(asked.caller, asked.parameters.pair, whyOf(asked))),
  }),
  route({
    id: 'beginMaintenance',
    method: 'PUT',
    path: '/v1/pairs/{pair}/sites/{site}/maintenance',
    scope: 'operate',
    summary: 'For a while failures of a site move nothing, and it is no destination',
    body: pauseBody,
    handle: async (asked) => {
      const { pair, site } = asked.parameters;
      return ok(await asked.control.maintain(asked.caller, pair, site, whyUntil(asked)));
    },
  }),
  route({
    id: 'endMaintenance',
    method: 'DELETE',
    path: '/v1/pairs/{pair}/sites/{site}/maintenance',
    scope: 'operate',
    summary: 'Ends the maintenance of a site',
    query: whyQuery,
    body: whyBody,
    handle: async (asked) => {
      const { pair, site } = asked.parameters;
      return ok(await asked.control.endMaintenance(asked.caller, pair, site, whyOf(asked)));
    },
  }),
  route({
    id: 'pauseAll',
    method: 'PUT',
    path: '/v1/pause',
    scope: 'admin',
    summary: 'No automatic operation and no repair of any pair for a while',
    body: pauseBody,
    handle: async (asked) => ok(await asked.control.pause(asked.caller, null, whyUntil(asked))),
  }),
  route({
    id: 'resumeAll',
    method: 'DELETE',
    path: '/v1/pause',
    scope: 'admin',
    summary: 'Ends the pause of all pairs',
    query: whyQuery,
    body: whyBody,
    handle: async (asked) => ok(await asked.control.resume(asked.caller, null, whyOf(asked))),
  }),
];

async function startOperation(asked: Asked & { body: z.output<typeof operationBody> }): Promise<Reply> {
  const { control, caller, idempotencyKey, nowMs, parameters, body } = asked;
  const { verb, reason, dryRun, overrides, at, to = null, hold = null } = body;
  const atMs = at === undefined ? null : future(at, nowMs);
  const wanted: OperationWanted = { verb, reason, overrides, atMs, to, holdMs: hold, idempotencyKey };
  if (dryRun) return ok(await control.rehearse(parameters.pair, wanted));
  if (overrides.length > 0) requireScope(asked.scope, 'admin', 'Overriding a guard');
  const accepted = await control.operate(caller, parameters.pair, wanted);
  const location = `/v1/operations/${encodeURIComponent(accepted.id)}`;
  return { status: 202, body: accepted, headers: { location } };
}

function whyOf({ body: { reason, dryRun }, idempotencyKey }: Asked & { body: z.output<typeof whyBody> }) {
  return { reason, dryRun, idempotencyKey };
}

function whyUntil(asked: Asked & { body: z.output<typeof pauseBody> }) {
  const { for: lengthMs = 0, until } = asked.body;
  return { ...whyOf(asked), untilMs: until ?? asked.nowMs + lengthMs };
}

function ok(body: unknown): Reply {
  return { status: 200, body };
}
