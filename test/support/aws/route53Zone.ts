import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { applied, changesOf } from './route53Batch.ts';
import { listing } from './route53List.ts';
import { element, fullName, keyOf, type RecordSet, Route53Refusal } from './route53Sets.ts';

export type Operation = 'ListResourceRecordSets' | 'ChangeResourceRecordSets' | 'GetChange';

export interface ZoneOptions {
  zone?: string;
  zoneName?: string;
  healthChecks?: string[];
  /** Whether a change is in sync once it is asked for; otherwise `settle` says when. */
  syncsItself?: boolean;
  /** False, as in sloppier stand-ins: a DELETE does not look at values. What relies on them must then fail. */
  exactMatch?: boolean;
}

/** The hosted zone, and the changes that were made to it. */
export function createZone({
  zone: id = 'Z0123456789EXAMPLE',
  zoneName = 'example.com',
  healthChecks = [],
  exactMatch = true,
  syncsItself = true,
}: ZoneOptions) {
  const facts = { zoneName: fullName(zoneName), zoneId: id, healthChecks, exactMatch };
  const states: RecordSet[][] = [];
  const changes = new Map<string, 'PENDING' | 'INSYNC'>();
  let current: RecordSet[] = [];
  let served: RecordSet[] = [];
  const settle = () => {
    served = current;
    for (const change of changes.keys()) changes.set(change, 'INSYNC');
  };
  const changeInfo = (change: string, status: string) =>
    element('ChangeInfo', [
      element('Id', `/change/${change}`),
      element('Status', status),
      element('SubmittedAt', new Date().toISOString()),
    ]);

  function change(body: string): string {
    current = applied(current, changesOf(body), facts);
    states.push(current);
    const name = `C${randomUUID().replaceAll('-', '').slice(0, 20).toUpperCase()}`;
    changes.set(name, 'PENDING');
    if (syncsItself) served = current;
    // API, ChangeInfo, "Status": PENDING until it has reached all name servers.
    return changeInfo(name, 'PENDING');
  }

  /** API, GetChange. */
  function status(name: string): string {
    if (!changes.has(name)) throw new Route53Refusal(404, 'NoSuchChange', `Could not find resource with ID: ${name}`);
    if (syncsItself) changes.set(name, 'INSYNC');
    return changeInfo(name, changes.get(name) ?? '');
  }

  function answerTo(operation: Operation | null, { url = '' }: IncomingMessage, body: string): string {
    const { pathname, searchParams } = new URL(url, 'http://route53');
    const resource = decodeURIComponent(pathname.split('/')[3] ?? '');
    if (operation === null)
      throw new Route53Refusal(501, 'NotImplemented', `The stand-in knows no operation behind ${pathname}.`);
    if (operation === 'GetChange') return status(resource);
    if (resource !== id) throw new Route53Refusal(404, 'NoSuchHostedZone', `No hosted zone found with ID: ${resource}`);
    return operation === 'ListResourceRecordSets' ? listing(current, searchParams) : change(body);
  }

  return {
    id,
    states,
    settle,
    answerTo,
    sets: () => current,
    served: () => served,
    edit(name: string, sets: RecordSet[]) {
      const others = current.filter((set) => set.name !== fullName(name));
      current = [...new Map([...others, ...sets].map((set) => [keyOf(set), set])).values()];
      served = current;
    },
  };
}

/** API reference, "Request URI" of each operation. */
export function operationOf({ method, url = '' }: IncomingMessage): Operation | null {
  const path = url.replace(/\?.*/, '');
  if (method === 'GET' && /^\/2013-04-01\/hostedzone\/[^/]+\/rrset$/.test(path)) return 'ListResourceRecordSets';
  if (method === 'POST' && /^\/2013-04-01\/hostedzone\/[^/]+\/rrset\/?$/.test(path)) return 'ChangeResourceRecordSets';
  return method === 'GET' && /^\/2013-04-01\/change\/[^/]+$/.test(path) ? 'GetChange' : null;
}
