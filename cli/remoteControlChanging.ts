import { randomUUID } from 'node:crypto';
import type { Answer, Control, OperationWanted, Why } from '../core/flow/control/control.ts';
import * as answers from '../lambdas/api/answers.ts';
import type { Client, RemoteCall } from './remoteControlClient.ts';
import {
  durationOf,
  keyOf,
  momentOf,
  operationPath,
  pairPath,
  reasonOf,
  siteName,
  sitePath,
} from './remoteControlInput.ts';

type Changing = Omit<
  Control,
  'status' | 'decisions' | 'transitions' | 'operations' | 'acts' | 'health' | 'operation' | 'close'
>;
type Until = Why & { untilMs: number };

/** Every method that changes something, and the rehearsal of one. */
export function createChanging(client: Client): Changing {
  const change = (method: RemoteCall<Answer>['method'], path: string, why: Why, body: object = {}) =>
    client.call({ method, path, body: { ...whyBody(why), ...body }, ...keyed(why), answer: answers.answer });
  // Not every proxy lets the body of a DELETE pass.
  const end = (path: string, why: Why) =>
    client.call({ method: 'DELETE', path: `${path}?${whyParameters(why)}`, ...keyed(why), answer: answers.answer });
  const begin = (path: string, why: Until) => change('PUT', path, why, { until: momentOf(why.untilMs) });
  return {
    ...createMoving(client),
    cancel: async (_caller, id, why) => await change('POST', `${operationPath(id)}/cancel`, why),
    approve: async (_caller, pair, why) => await change('POST', `${pairPath(pair)}/approve`, why),
    retry: async (_caller, pair, why) => await change('POST', `${pairPath(pair)}/retry`, why),
    ack: async (_caller, pair, why) => await change('POST', `${pairPath(pair)}/ack`, why, { drift: why.drift }),
    pause: async (_caller, pair, why) => await begin(pausePath(pair), why),
    resume: async (_caller, pair, why) => await end(pausePath(pair), why),
    maintain: async (_caller, pair, site, why) => await begin(`${sitePath(pair, site)}/maintenance`, why),
    endMaintenance: async (_caller, pair, site, why) => await end(`${sitePath(pair, site)}/maintenance`, why),
  };
}

function createMoving({ call }: Client): Pick<Control, 'rehearse' | 'operate'> {
  return {
    rehearse: async (pair, wanted) => {
      const body = { ...operationBody(wanted), dryRun: true };
      return await call({ method: 'POST', path: operationsPath(pair), body, answer: answers.rehearsal });
    },
    operate: async (_caller, pair, wanted) => {
      const asked = { path: operationsPath(pair), body: operationBody(wanted), ...keyed({ ...wanted, dryRun: false }) };
      return await call({ method: 'POST', ...asked, answer: answers.accepted });
    },
  };
}

const operationsPath = (pair: string) => `${pairPath(pair)}/operations`;
const pausePath = (pair: string | null) => (pair === null ? '/v1/pause' : `${pairPath(pair)}/pause`);

/** A dry run has no key: it can be repeated as it is. */
function keyed({ dryRun, idempotencyKey }: Pick<Why, 'dryRun' | 'idempotencyKey'>): { key?: string } {
  return dryRun ? {} : { key: idempotencyKey === undefined ? randomUUID() : keyOf(idempotencyKey) };
}

const whyBody = ({ reason, dryRun }: Why) => ({ reason: reasonOf(reason), dryRun });
const whyParameters = ({ reason, dryRun }: Why) =>
  new URLSearchParams({ reason: reasonOf(reason), dryRun: String(dryRun) });

function operationBody({ verb, reason, overrides, atMs, to, holdMs }: OperationWanted): object {
  return {
    verb,
    reason: reasonOf(reason),
    overrides: [...new Set(overrides)],
    ...(atMs !== null && { at: momentOf(atMs) }),
    ...(to !== null && { to: siteName(to) }),
    ...(holdMs !== null && { hold: durationOf(holdMs) }),
  };
}
