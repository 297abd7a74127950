import type { AwsRequest } from '../../support/aws/awsRequest.ts';
import type { ProxyFault } from '../../support/aws/faultProxy.ts';
import type { LambdaFunction } from '../../support/aws/runtime.ts';
import { written } from './requests.ts';

/** One kind of request that answering an alarm or a person is made of, by what it means to Warren. */
export interface StoreRequest {
  /** Goes on after "where the function". */
  does: string;
  isIt(request: AwsRequest, pair: string): boolean;
}

const names = ({ body }: AwsRequest, text: string) => body.includes(text);

export const storeRequests = {
  record: {
    does: 'reads the record of the pair',
    isIt: (request, pair) => request.operation === 'GetItem' && names(request, `"pair/${pair}"`),
  },
  fleet: {
    does: 'reads what all pairs share',
    isIt: (request) => request.operation === 'GetItem' && names(request, '"fleet"'),
  },
  observations: {
    does: 'reads what the vantages say',
    isIt: (request, pair) => request.operation === 'Query' && names(request, `"pair/${pair}"`),
  },
  journal: {
    does: 'writes into the journal',
    isIt: (request, pair) => request.operation === 'PutItem' && names(request, `"acts/${pair}"`),
  },
  request: {
    does: 'writes the request',
    isIt: (request, pair) => written(request, pair)?.request != null,
  },
  observation: {
    does: 'writes the observation',
    isIt: (request, pair) =>
      request.operation === 'PutItem' && names(request, `"pair/${pair}"`) && names(request, '"observation/'),
  },
} as const satisfies Record<string, StoreRequest>;

/**
 * What befalls such a request as long as the function is asked for the first time, and then once more. An answer of DynamoDB is
 * waited for 1.5 s: what is sent on later arrives when it was tried again.
 */
export const storeFaults: { befalls: string; first: ProxyFault; second: ProxyFault }[] = [
  {
    befalls: 'is throttled, and then arrives late',
    first: { kind: 'throttled' },
    second: { kind: 'delay', ms: 1_800 },
  },
  {
    befalls: 'meets internal errors, and then is done with its answer lost',
    first: { kind: 'failed' },
    second: { kind: 'forward-and-drop' },
  },
];

/**
 * Asks by several functions at once, and by each of them one after the other: what all pairs read is then spoiled for one case at a
 * time. @returns what came of each case, by its pair
 */
export function askByTurns<Case extends { pair: string; by: string }, T>(
  cases: readonly Case[],
  start: (keyId: string) => LambdaFunction,
  ask: (each: Case, by: LambdaFunction) => Promise<T>,
): Map<string, Promise<T>> {
  const asked = new Map<string, Promise<T>>();
  for (const by of new Set(cases.map((each) => each.by))) {
    const asking = start(by);
    let last: Promise<unknown> = Promise.resolve();
    for (const each of cases.filter((one) => one.by === by)) {
      const result = last.then(() => ask(each, asking));
      asked.set(each.pair, result);
      // Whoever asks for the result is told what went wrong.
      last = result.catch(() => {});
    }
  }
  return asked;
}
