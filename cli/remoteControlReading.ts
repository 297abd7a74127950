import * as z from 'zod';
import type { Control, Page, PageQuery } from '../core/flow/control/control.ts';
import * as answers from '../lambdas/api/answers.ts';
import type { Client } from './remoteControlClient.ts';
import { durationOf, momentOf, operationPath, pageParameters, pairPath } from './remoteControlInput.ts';

type Reading = Pick<Control, 'status' | 'decisions' | 'transitions' | 'operations' | 'acts' | 'health' | 'operation'>;

/** A list without pages. Were there more or nothing, a pair that is not protected would be taken for one that is. */
const statuses = z.object({ items: z.array(answers.pairStatus).min(1), nextCursor: z.null() });
const slices = z.object({ items: z.array(answers.healthSlice), nextCursor: z.null() });
const decisions = answers.pageOf(answers.decisionRow);
const transitions = answers.pageOf(answers.transition);
const operations = answers.pageOf(answers.operationSchema);
const acts = answers.pageOf(answers.act);

/** Every method that only reads. */
export function createReading({ call }: Client): Reading {
  const read = <T>(path: string, answer: z.ZodType<T>) => call({ method: 'GET', path, answer });
  const page = async <T>(pair: string, kind: string, query: PageQuery, answer: z.ZodType<Page<T>>) =>
    await read(`${pairPath(pair)}/${kind}?${pageParameters(query)}`, answer);
  return {
    status: async (pair) =>
      pair === undefined ? (await read('/v1/pairs', statuses)).items : [await read(pairPath(pair), answers.pairStatus)],
    decisions: (pair, query) => page(pair, 'decisions', query, decisions),
    transitions: (pair, query) => page(pair, 'transitions', query, transitions),
    operations: (pair, query) => page(pair, 'flips', query, operations),
    acts: async (pair, query) =>
      pair === null ? await read(`/v1/acts?${pageParameters(query)}`, acts) : await page(pair, 'acts', query, acts),
    health: async (pair, { fromMs, toMs, resolutionMs }) => {
      const range = { from: momentOf(fromMs), to: momentOf(toMs), resolution: durationOf(resolutionMs) };
      return (await read(`${pairPath(pair)}/health?${new URLSearchParams(range)}`, slices)).items;
    },
    operation: async (id) => await read(operationPath(id), answers.operationState),
  };
}
