import { type DnsTargetConfig, markerNameOf } from '../../core/model/targets/dns.ts';
import type { DnsClient } from './client.ts';
import { classes, DnsError, opcodes, rcodeSentence, rcodes, types } from './codes.ts';
import { type Marker, markerText } from './marker.ts';
import { flagBits, type ResourceRecord, rcodeOf } from './message.ts';
import { isSameName, nameOf } from './name.ts';
import { dataOf, textData } from './rdata.ts';

/** What is published: the record that clients look up, and the marker beside it. */
export interface Published {
  /** Everything at the record's name that answers clients, also of another type. */
  records: ResourceRecord[];
  markers: ResourceRecord[];
}

/** Reads both from the server itself. @throws DnsError also when it does not speak for the zone */
export async function readPublished(client: DnsClient, config: DnsTargetConfig): Promise<Published> {
  const [records, markers] = await Promise.all([
    query(client, config.record, types[config.type]),
    query(client, markerNameOf(config), types.TXT),
  ]);
  return { records, markers };
}

async function query(client: DnsClient, text: string, type: number): Promise<ResourceRecord[]> {
  const name = nameOf(text);
  const questions = [{ name, type, class: classes.IN }];
  const answer = await client.ask({ opcode: opcodes.QUERY, questions, answers: [], authorities: [] });
  const rcode = rcodeOf(answer);
  if (rcode !== rcodes.NOERROR && rcode !== rcodes.NXDOMAIN)
    throw new DnsError(`asked for ${text}, ${rcodeSentence(rcode)}`);
  if ((answer.flags & flagBits.authoritative) === 0) throw new DnsError(`it is not authoritative for ${text}`);
  return answer.answers.filter((record) => isSameName(record.name, name) && record.class === classes.IN);
}

/**
 * Replaces record and marker in one message, which takes effect as a whole or not at all (RFC 2136, section 3.4), and only
 * while both are exactly as they were read (section 2.4).
 * @returns null, or a sentence about why the server refused and changed nothing @throws DnsError: the outcome is unknown
 */
export async function replacePublished(
  client: DnsClient,
  config: DnsTargetConfig,
  before: Published,
  marker: Marker,
): Promise<string | null> {
  const { zone, record, type, values, ttlMs } = config;
  const [recordAt, markerAt] = [
    { name: nameOf(record), type: types[type] },
    { name: nameOf(markerNameOf(config)), type: types.TXT },
  ];
  const data = (values[marker.site] ?? []).map((value) => dataOf(type, value));
  const ttlSeconds = ttlMs / 1_000;
  const answer = await client.ask({
    opcode: opcodes.UPDATE,
    questions: [{ name: nameOf(zone), type: types.SOA, class: classes.IN }],
    answers: [...asRead(recordAt, before.records), ...asRead(markerAt, before.markers)],
    authorities: [
      ...replaced(recordAt, data, ttlSeconds),
      ...replaced(markerAt, [textData(markerText(marker))], ttlSeconds),
    ],
  });
  return rcodeOf(answer) === rcodes.NOERROR ? null : rcodeSentence(rcodeOf(answer));
}

type Place = Pick<ResourceRecord, 'name' | 'type'>;
const nothing = { ttlSeconds: 0, data: Buffer.alloc(0) };

/**
 * "RRset exists (value dependent)" and "RRset does not exist" (sections 2.4.2 and 2.4.3). For a CNAME "name is not in use"
 * (section 2.4.5): beside other records a server would ignore it, and keep quiet about that (section 3.4.2.2).
 */
function asRead(place: Place, records: ResourceRecord[]): ResourceRecord[] {
  const type = place.type === types.CNAME ? types.ANY : place.type;
  if (records.length === 0) return [{ ...place, type, class: classes.NONE, ...nothing }];
  return records.map(({ data }) => ({ ...place, class: classes.IN, ttlSeconds: 0, data }));
}

/** "Delete an RRset" and "add to an RRset" (sections 2.5.2 and 2.5.1). */
function replaced(place: Place, data: Buffer[], ttlSeconds: number): ResourceRecord[] {
  const added = data.map((each) => ({ ...place, class: classes.IN, ttlSeconds, data: each }));
  return [{ ...place, class: classes.ANY, ...nothing }, ...added];
}
