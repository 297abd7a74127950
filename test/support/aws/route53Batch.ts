import { checkAlias, checkSet, checkTogether, invalidBatch, type ZoneFacts } from './route53Rules.ts';
import { keyOf, type RecordSet, Route53Refusal, setOfXml } from './route53Sets.ts';
import { childOf, type Element, parseXml, textOf } from './route53Xml.ts';

export interface Change {
  action: string;
  set: RecordSet;
}

/** API, ChangeResourceRecordSets, "Request Syntax". */
export function changesOf(body: string): Change[] {
  const batch = batchOf(body);
  const changes = childOf(batch, 'Changes')?.children ?? [];
  // API, ChangeBatch, "Changes": at least one.
  if (changes.length === 0) throw new Route53Refusal(400, 'InvalidInput', 'Invalid request: Changes is empty');
  return changes.map((change) => {
    const [action, set] = [textOf(change, 'Action') ?? '', childOf(change, 'ResourceRecordSet')];
    // API, Change, "Action": one of three.
    if (!['CREATE', 'DELETE', 'UPSERT'].includes(action) || !set)
      throw new Route53Refusal(400, 'InvalidInput', `Invalid request: Action '${action}' of a change`);
    return { action, set: setOfXml(set) };
  });
}

function batchOf(body: string): Element {
  try {
    const root = parseXml(body);
    const batch = root.name === 'ChangeResourceRecordSetsRequest' ? childOf(root, 'ChangeBatch') : null;
    if (batch) return batch;
  } catch {}
  // stalwartlabs/dns-update issue 44.
  throw new Route53Refusal(400, 'MalformedInput', 'ChangeBatch is not valid, expected ChangeResourceRecordSetsRequest');
}

/**
 * The sets after the batch. API, ChangeResourceRecordSets: "Route 53 either makes all or none of the changes in a change batch
 * request". They are made one after the other on a copy.
 * @throws Route53Refusal @param exactMatch false: a DELETE looks at name, type and identifier only
 */
export function applied(sets: RecordSet[], changes: Change[], facts: ZoneFacts & { exactMatch: boolean }): RecordSet[] {
  checkSize(changes);
  checkSequence(changes);
  const after = new Map(sets.map((set) => [keyOf(set), set]));
  for (const { action, set } of changes) {
    checkSet(set, action, facts);
    if (action !== 'DELETE') checkAlias(set, [...after.values()], facts);
    apply(after, action, set, facts.exactMatch);
  }
  const touched = new Set(changes.map(({ set }) => set.name));
  checkTogether(
    [...after.values()].filter(({ name }) => touched.has(name)),
    facts,
  );
  return [...after.values()];
}

function apply(sets: Map<string, RecordSet>, action: string, set: RecordSet, exactMatch: boolean): void {
  const there = sets.get(keyOf(set));
  const identifier = set.setIdentifier === null ? '' : `, set-identifier='${set.setIdentifier}'`;
  const label = `resource record set [name='${set.name}', type='${set.type}'${identifier}]`;
  if (action === 'CREATE' && there) throw invalidBatch(`Tried to create ${label} but it already exists`);
  if (action !== 'DELETE') return void sets.set(keyOf(set), set);
  // boto issue 2887.
  if (!there) throw invalidBatch(`Tried to delete ${label} but it was not found`);
  // API, Change, "Action", DELETE; external-dns issue 732: everything must match, values in any order.
  if (exactMatch && fingerprintOf(there) !== fingerprintOf(set))
    throw invalidBatch(`Tried to delete ${label} but the values provided do not match the current values`);
  sets.delete(keyOf(set));
}

function fingerprintOf({ ttl, values, alias, weight, failover, healthCheckId }: RecordSet): string {
  const { zone, name, evaluatesHealth } = alias ?? {};
  return JSON.stringify([ttl, values?.toSorted(), zone, name, evaluatesHealth, weight, failover, healthCheckId]);
}

/** API, ChangeResourceRecordSets, "Limits": 1,000 values and 32,000 characters; those of an UPSERT count twice. */
function checkSize(changes: Change[]): void {
  const values = changes.flatMap(({ action, set }) =>
    Array(action === 'UPSERT' ? 2 : 1)
      .fill(set.values ?? [''])
      .flat(),
  );
  if (values.length > 1_000 || values.join('').length > 32_000)
    throw invalidBatch('Number of records or characters limit exceeded');
}

/**
 * external-dns issue 4241: one batch may delete and then create a set, and otherwise names it once. That a set cannot be
 * created and then deleted is not established; the stricter reading holds here.
 */
function checkSequence(changes: Change[]): void {
  const actions = Map.groupBy(changes, ({ set }) => keyOf(set));
  for (const list of actions.values()) {
    const sequence = list.map(({ action }) => action).join(' ');
    const [{ set }] = list as [Change];
    if (list.length > 1 && sequence !== 'DELETE CREATE')
      throw invalidBatch(
        `The request contains an invalid set of changes for a resource record set '${set.type} ${set.name}'`,
      );
  }
}
