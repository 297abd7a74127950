import { isIPv4, isIPv6 } from 'node:net';
import { type RecordSet, Route53Refusal } from './route53Sets.ts';

/**
 * What Route 53 refuses of one record set. "API": Route 53 API reference (the SDK carries its text), ResourceRecordSet where
 * nothing else is named. "Guide": developer guide, "Supported DNS record types". Words in quotation marks without a source are
 * those people quote from the service's answers in the issues of external-dns, octodns, boto and the AWS SDKs.
 */
export interface ZoneFacts {
  /** With the final dot. */
  zoneName: string;
  zoneId: string;
  healthChecks: readonly string[];
}

export function checkSet(set: RecordSet, action: string, facts: ZoneFacts): void {
  checkName(set, facts);
  checkForm(set, action);
  checkRouting(set, action, facts);
  for (const value of set.values ?? []) checkValue(set, value);
  checkValues(set);
}

export function invalidBatch(message: string): Route53Refusal {
  return new Route53Refusal(400, 'InvalidChangeBatch', `[${message}]`);
}

function invalidInput(message: string): Route53Refusal {
  return new Route53Refusal(400, 'InvalidInput', message);
}

/** API, "Name": a fully qualified name of the zone; labels of 1 to 63 characters (Guide, "DNS domain name format"). */
function checkName({ name, type }: RecordSet, { zoneName }: ZoneFacts): void {
  if (name !== zoneName && !name.endsWith(`.${zoneName}`))
    throw invalidBatch(`RRSet with DNS name ${name} is not permitted in zone ${zoneName}`);
  if (!/^([a-z0-9_*-]{1,63}\.)+$/.test(name) || name.length > 255)
    throw invalidBatch(`FATAL problem: DomainLabelTooLong or UnsupportedCharacter encountered with '${name}'`);
  if (type === 'CNAME' && name === zoneName)
    throw invalidBatch(`RRSet of type CNAME with DNS name ${name} is not permitted at apex in zone ${zoneName}`);
}

/** Seen in boto issues: what a change must have. API, "TTL": required unless it is an alias; "ResourceRecords": likewise. */
function checkForm(set: RecordSet, action: string): void {
  const { type, ttl, values, alias } = set;
  if (!['A', 'AAAA', 'CNAME', 'TXT'].includes(type))
    throw new Route53Refusal(501, 'NotImplemented', `The stand-in knows no records of type ${type}.`);
  const plain = ttl !== null && values !== null && values.length > 0;
  if (alias ? ttl !== null || values !== null : !plain)
    throw invalidInput(
      `Invalid request: Expected exactly one of [AliasTarget, all of [TTL, and ResourceRecords], or TrafficPolicyInstanceId], but found ${alias ? 'more than one' : 'none'} in ${describe(set, action)}`,
    );
  // API, "TTL": type Long, valid range 0 to 2147483647.
  if (ttl !== null && !(Number.isInteger(ttl) && ttl >= 0 && ttl <= 2_147_483_647))
    throw invalidInput(`Invalid request: TTL must be between 0 and 2147483647 in ${describe(set, action)}`);
}

function describe({ name, type, setIdentifier }: RecordSet, action: string): string {
  return `Change with [Action=${action}, Name=${name}, Type=${type}, SetIdentifier=${setIdentifier}]`;
}

function checkRouting(set: RecordSet, action: string, { healthChecks }: ZoneFacts): void {
  const { setIdentifier, weight, failover, alias, healthCheckId } = set;
  const policies = [weight, failover].filter((policy) => policy !== null).length;
  // API, "SetIdentifier": with a routing policy other than simple, and only then; 1 to 128 characters.
  if (policies > 0 && setIdentifier === null)
    throw invalidInput(`Invalid request: Missing field 'SetIdentifier' in ${describe(set, action)}`);
  if (setIdentifier !== null && policies !== 1)
    throw invalidInput(
      `Invalid request: Expected exactly one of [Weight, Region, Failover, GeoLocation, MultiValueAnswer], but found ${policies === 0 ? 'none' : 'more than one'} in ${describe(set, action)}`,
    );
  if (setIdentifier !== null && (setIdentifier.length < 1 || setIdentifier.length > 128))
    throw invalidInput(`Invalid request: SetIdentifier has 1 to 128 characters in ${describe(set, action)}`);
  // API, "Weight": 0 to 255.
  if (weight !== null && !(Number.isInteger(weight) && weight >= 0 && weight <= 255))
    throw invalidInput(`Invalid request: Weight must be between 0 and 255 in ${describe(set, action)}`);
  // API, "Failover": PRIMARY or SECONDARY; "except where noted", a primary that is no alias needs a health check.
  if (failover !== null && failover !== 'PRIMARY' && failover !== 'SECONDARY')
    throw invalidInput(`Invalid request: Failover is PRIMARY or SECONDARY in ${describe(set, action)}`);
  if (failover === 'PRIMARY' && !alias && healthCheckId === null)
    throw invalidBatch(`A primary failover record that is no alias needs a health check: ${describe(set, action)}`);
  // API, ChangeResourceRecordSets, "Errors".
  if (healthCheckId !== null && !healthChecks.includes(healthCheckId))
    throw new Route53Refusal(404, 'NoSuchHealthCheck', `No health check exists with the ID ${healthCheckId}.`);
}

/**
 * What a new alias leads to, when the change before it has been made. What another zone has is not known here, and is believed.
 * GSA-TTS/dns pull request 588: the target is in the zone that is named with it. harmony-ops issue 491: a name of elsewhere in a
 * zone is said to be neither in it nor found. cli53 issue 227: one of the zone itself has to be there; dnscontrol issue 937: of the
 * same type, and before the alias, in the same batch too.
 */
export function checkAlias({ name, type, alias }: RecordSet, sets: RecordSet[], { zoneId, zoneName }: ZoneFacts): void {
  if (!alias) return;
  const tried = `Tried to create an alias that targets ${alias.name}, type ${type} in zone ${alias.zone}, but`;
  const isOwn = alias.zone === zoneId;
  const isInside = alias.name === zoneName || alias.name.endsWith(`.${zoneName}`);
  const isThere = sets.some((other) => other.name === alias.name && other.type === type && other.name !== name);
  const problems = [
    ...(isOwn === isInside ? [] : [`${tried} the alias target name does not lie within the target zone`]),
    ...(isOwn && !isThere ? [`${tried} that target was not found`] : []),
  ];
  if (problems.length > 0) throw invalidBatch(problems.join(', '));
}

/** Guide: the format of each type's value. */
function checkValue({ type }: RecordSet, value: string): void {
  const fatal = (what: string) =>
    invalidBatch(`Invalid Resource Record: 'FATAL problem: ${what} encountered with '${value}''`);
  if (type === 'A' && !isIPv4(value)) throw fatal('ARRDATAIllegalIPv4Address (Value is not a valid IPv4 address)');
  if (type === 'AAAA' && !isIPv6(value))
    throw fatal('AAAARRDATAIllegalIPv6Address (Value is not a valid IPv6 address)');
  if (type === 'CNAME' && !/^([A-Za-z0-9_-]{1,63}\.)+[A-Za-z0-9_-]{1,63}\.?$/.test(value))
    throw fatal('RRDATANotSingleField (Value is not a domain name)');
  if (type === 'TXT') checkText(value, fatal);
}

/** Guide, "TXT record type": strings in quotation marks, each at most 255 characters; at most 4,000 in one value. */
function checkText(value: string, fatal: (what: string) => Route53Refusal): void {
  if (!/^"([^"\\]|\\.)*"(\s+"([^"\\]|\\.)*")*$/.test(value))
    throw fatal('InvalidCharacterString (Value should be enclosed in quotation marks)');
  for (const [, string = ''] of value.matchAll(/"((?:[^"\\]|\\.)*)"/g))
    if (string.replaceAll(/\\([0-7]{3}|.)/g, 'x').length > 255)
      throw fatal('CharacterStringTooLong (Value is too long)');
  if (value.length > 4_000) throw fatal('TXTRDATATooLong (Value is too long)');
}

/** API, "ResourceRecords": a CNAME has one value; no value twice. Guide, "Quotas": 400 values in a set. */
function checkValues({ type, name, values }: RecordSet): void {
  const [list, seen] = [values ?? [], new Set<string>()];
  if (type === 'CNAME' && list.length > 1)
    throw invalidBatch(`Tried to create a CNAME ${name} with ${list.length} values: it has one`);
  if (list.length > 400) throw invalidBatch(`The set ${name} has more than 400 values`);
  for (const value of list) {
    if (seen.has(value.toLowerCase())) throw invalidBatch(`Duplicate Resource Record: '${value}'`);
    seen.add(value.toLowerCase());
  }
}

/** What Route 53 refuses of the sets that share a name, once a batch is applied. */
export function checkTogether(sets: RecordSet[], { zoneName }: ZoneFacts): void {
  for (const set of sets) {
    const { name, type, setIdentifier, weight, failover, ttl } = set;
    const siblings = sets.filter((other) => other !== set && other.name === name);
    const sameType = siblings.filter((other) => other.type === type);
    const who = `RRSet with DNS name ${name}, type ${type}${setIdentifier === null ? '' : `, SetIdentifier ${setIdentifier}`}`;
    // API, "SetIdentifier", and chef-boneyard/route53 issue 100: a simple set is alone.
    if (setIdentifier === null && sameType.length > 0)
      throw invalidBatch(`${who} cannot be created as other RRSets exist with the same name and type.`);
    // external-dns issue 4345.
    if (weight !== null && sameType.some((other) => other.weight === null))
      throw invalidBatch(`${who} cannot be created as a non-weighted set exists with the same name and type.`);
    // aws-sdk-go-v2 issue 518.
    if (weight !== null && sameType.some((other) => ttl !== null && other.ttl !== null && other.ttl !== ttl))
      throw invalidBatch(`${who} cannot be created as weighted sets must contain the same TTL.`);
    // API, "Failover": one primary, one secondary.
    if (failover !== null && sameType.some((other) => other.failover === failover))
      throw invalidBatch(
        `${who} cannot be created as a ${failover.toLowerCase()} set exists with the same name and type.`,
      );
    // Guide, "CNAME record type": no other records of the same name.
    if (type === 'CNAME' && siblings.length > sameType.length)
      throw invalidBatch(
        `RRSet of type CNAME with DNS name ${name} is not permitted as it conflicts with other records with the same DNS name in zone ${zoneName}`,
      );
  }
}
