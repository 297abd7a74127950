import type { Ordered, ProxyFault } from '../../support/aws/faultProxy.ts';
import type { Account } from './account.ts';
import { type FailoverRequestName, failoverRequests } from './requests.ts';

/**
 * What befalls a request, and then the next one like it. The functions wait 1.2 s for Route 53 and balancers, 1.5 s for DynamoDB, 2 s
 * for a login: what is sent on after 3.5 s arrives when nobody waits for it any more.
 */
export const faults: [first: string, second: string, faults: [ProxyFault, ProxyFault]][] = [
  ['is throttled', 'is answered slowly', [{ kind: 'throttled' }, { kind: 'delay', ms: 600 }]],
  ['meets an internal error', 'arrives very late', [{ kind: 'failed' }, { kind: 'delay', ms: 3_500 }]],
  ['finds its connection cut', 'is done, but its answer lost', [{ kind: 'drop' }, { kind: 'forward-and-drop' }]],
  ['is never answered', 'is done, but never answered', [{ kind: 'hang' }, { kind: 'forward-and-hang' }]],
];

/** One of the requests that the failover of a pair is made of meets these faults in turn. */
export function spoil(
  { proxy }: Account,
  pair: string,
  request: FailoverRequestName,
  befalling: readonly ProxyFault[],
): Ordered[] {
  const { operation, judge } = failoverRequests[request];
  return befalling.map((fault) => proxy.order(fault, { operation, when: judge(pair) }));
}
