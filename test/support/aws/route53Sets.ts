import { Refusal } from './refusal.ts';
import { childOf, type Element, escapeXml, textOf } from './route53Xml.ts';

/** An error that Route 53 answers with. */
export class Route53Refusal extends Refusal {}

/** A record set as the zone keeps it; null: it has no such element. */
export interface RecordSet {
  /** Lower case, with the final dot. */
  name: string;
  type: string;
  setIdentifier: string | null;
  weight: number | null;
  failover: string | null;
  healthCheckId: string | null;
  ttl: number | null;
  values: string[] | null;
  alias: { zone: string; name: string; evaluatesHealth: boolean } | null;
}

/** What tests need not say of a set. */
export function recordSet(part: Partial<RecordSet> & { name: string }): RecordSet {
  const nothing = { setIdentifier: null, weight: null, failover: null, healthCheckId: null, alias: null };
  const set = { ...nothing, type: 'A', ttl: part.alias ? null : 30, values: null, ...part };
  const alias = part.alias ? { ...part.alias, name: fullName(part.alias.name) } : null;
  return { ...set, alias, name: fullName(set.name) };
}

/** API, "Name": in lower case, the final dot optional, and always there in answers. */
export function fullName(name: string): string {
  return `${name.toLowerCase().replace(/\.$/, '')}.`;
}

/** What identifies a set in its zone. */
export function keyOf({ name, type, setIdentifier }: RecordSet): string {
  return JSON.stringify([name, type, setIdentifier]);
}

const known = [
  'Name',
  'Type',
  'SetIdentifier',
  'Weight',
  'Failover',
  'TTL',
  'ResourceRecords',
  'AliasTarget',
  'HealthCheckId',
];

export function setOfXml(element: Element): RecordSet {
  const stranger = element.children.find(({ name }) => !known.includes(name));
  if (stranger) throw new Route53Refusal(501, 'NotImplemented', `The stand-in does not know ${stranger.name}.`);
  const number = (name: string) => (textOf(element, name) === null ? null : Number(textOf(element, name)));
  const alias = childOf(element, 'AliasTarget');
  return {
    name: fullName(textOf(element, 'Name') ?? ''),
    type: textOf(element, 'Type') ?? '',
    setIdentifier: textOf(element, 'SetIdentifier'),
    weight: number('Weight'),
    failover: textOf(element, 'Failover'),
    healthCheckId: textOf(element, 'HealthCheckId'),
    ttl: number('TTL'),
    values: childOf(element, 'ResourceRecords')?.children.map((record) => textOf(record, 'Value') ?? '') ?? null,
    alias: alias && {
      zone: textOf(alias, 'HostedZoneId') ?? '',
      name: fullName(textOf(alias, 'DNSName') ?? ''),
      evaluatesHealth: textOf(alias, 'EvaluateTargetHealth') === 'true',
    },
  };
}

/** In the order of the answers in the API reference, ListResourceRecordSets, "Response Syntax". */
export function xmlOfSet(set: RecordSet): string {
  const { alias } = set;
  return element('ResourceRecordSet', [
    element('Name', set.name),
    element('Type', set.type),
    element('SetIdentifier', set.setIdentifier),
    element('Weight', set.weight),
    element('Failover', set.failover),
    element('TTL', set.ttl),
    element(
      'ResourceRecords',
      set.values?.map((value) => element('ResourceRecord', [element('Value', value)])) ?? null,
    ),
    element(
      'AliasTarget',
      alias && [
        element('HostedZoneId', alias.zone),
        element('DNSName', alias.name),
        element('EvaluateTargetHealth', String(alias.evaluatesHealth)),
      ],
    ),
    element('HealthCheckId', set.healthCheckId),
  ]);
}

/** @param content text, or elements; null: nothing is written at all */
export function element(name: string, content: string | number | string[] | null): string {
  if (content === null) return '';
  return `<${name}>${Array.isArray(content) ? content.join('') : escapeXml(String(content))}</${name}>`;
}
