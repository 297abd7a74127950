import { element, fullName, type RecordSet, Route53Refusal, xmlOfSet } from './route53Sets.ts';

/** API, ListResourceRecordSets: at most 300 at a time. */
const pageItemsMax = 300;

/** The answer to ListResourceRecordSets, from `Name` to `NextRecordIdentifier`. @throws Route53Refusal */
export function listing(sets: RecordSet[], query: URLSearchParams): string {
  const [name, type, identifier] = [query.get('name'), query.get('type'), query.get('identifier')];
  // API, ListResourceRecordSets, "Errors" and "StartRecordType": a type without a name.
  if ((type !== null && name === null) || (identifier !== null && type === null))
    throw new Route53Refusal(400, 'InvalidInput', 'Invalid request: a type needs a name, an identifier a type');
  const maxItems = Math.min(Number(query.get('maxitems') ?? pageItemsMax), pageItemsMax);
  if (!(maxItems >= 1)) throw new Route53Refusal(400, 'InvalidInput', 'Invalid request: maxitems');
  const start = name === null ? '' : sortKey({ name: fullName(name), type: type ?? '', setIdentifier: identifier });
  const rest = sets
    .toSorted((one, other) => (sortKey(one) < sortKey(other) ? -1 : 1))
    .filter((set) => sortKey(set) >= start);
  const next = rest[maxItems];
  return [
    element('ResourceRecordSets', rest.slice(0, maxItems).map(xmlOfSet)),
    element('IsTruncated', String(next !== undefined)),
    element('MaxItems', maxItems),
    ...(next ? [element('NextRecordName', next.name), element('NextRecordType', next.type)] : []),
    element('NextRecordIdentifier', next?.setIdentifier ?? null),
  ].join('');
}

/**
 * API, ListResourceRecordSets, "Sort order": by name with the labels reversed and the final dot kept, in the order of ASCII; then
 * by type. Within those by identifier, as paging goes on by it ("NextRecordIdentifier", boto issue 2542).
 */
function sortKey({ name, type, setIdentifier }: Pick<RecordSet, 'name' | 'type' | 'setIdentifier'>): string {
  const reversed = `${name.slice(0, -1).split('.').reverse().join('.')}.`;
  return [reversed, type, setIdentifier ?? ''].join('\u0000');
}
