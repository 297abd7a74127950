import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { isIPv6 } from 'node:net';

/** One answer: an address, a name or the text of a TXT record as Route 53 keeps it, in quotation marks. */
export interface DnsAnswer {
  name: string;
  type: string;
  ttl: number;
  value: string;
}

/** What is answered to one question; null: the name does not exist. Names are in lower case, with the final dot. */
export type DnsZone = (name: string, type: string) => DnsAnswer[] | null;

export interface DnsServer {
  /** `127.0.0.1:PORT` */
  readonly address: string;
  close(): Promise<void>;
}

const types: Record<string, number> = { A: 1, CNAME: 5, TXT: 16, AAAA: 28 };
const [noError, formatError, nameError, notImplemented] = [0, 1, 3, 4];

/** An authoritative name server over UDP (RFC 1035) on loopback, as small as answers to one question can be. */
export async function startDns(zone: DnsZone): Promise<DnsServer> {
  const socket = createSocket('udp4');
  socket.on('message', (query, { address, port }) => socket.send(responseTo(query, zone), port, address));
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return {
    address: `127.0.0.1:${socket.address().port}`,
    close: () => new Promise((resolve) => socket.close(() => resolve())),
  };
}

function responseTo(query: Buffer, zone: DnsZone): Buffer {
  if (query.length < 12) return header(query, formatError, 0, 0);
  const isQuery = (query.readUInt16BE(2) & 0xf800) === 0;
  const question = isQuery && query.readUInt16BE(4) === 1 ? questionOf(query) : null;
  if (!question) return header(query, isQuery ? formatError : notImplemented, 0, 0);
  const type = Object.keys(types).find((name) => types[name] === question.type);
  const answers = zone(question.name, type ?? '');
  const found = answers ?? [];
  const head = header(query, answers ? noError : nameError, 1, found.length);
  return Buffer.concat([head, query.subarray(12, question.end), ...found.map(recordOf)]);
}

/** RFC 1035, 4.1.1: a response (QR), authoritative (AA), with the RD bit of the query. */
function header(query: Buffer, code: number, questions: number, answers: number): Buffer {
  const head = Buffer.alloc(12);
  query.copy(head, 0, 0, 2);
  head.writeUInt16BE(0x8400 | (query.length > 3 ? query.readUInt16BE(2) & 0x0100 : 0) | code, 2);
  head.writeUInt16BE(questions, 4);
  head.writeUInt16BE(answers, 6);
  return head;
}

/** RFC 1035, 4.1.2. Names of queries are not compressed. */
function questionOf(query: Buffer): { name: string; type: number; end: number } | null {
  const labels: string[] = [];
  let at = 12;
  for (let length = query[at] ?? 64; length > 0; length = query[at] ?? 64) {
    if (length > 63 || at + length + 5 > query.length) return null;
    labels.push(query.toString('latin1', at + 1, at + 1 + length));
    at += length + 1;
  }
  return { name: `${labels.join('.').toLowerCase()}.`, type: query.readUInt16BE(at + 1), end: at + 5 };
}

/** RFC 1035, 4.1.3; the class is IN. */
function recordOf({ name, type, ttl, value }: DnsAnswer): Buffer {
  const data = dataOf(type, value);
  const fixed = Buffer.alloc(10);
  fixed.writeUInt16BE(types[type] ?? 0, 0);
  fixed.writeUInt16BE(1, 2);
  fixed.writeUInt32BE(ttl, 4);
  fixed.writeUInt16BE(data.length, 8);
  return Buffer.concat([nameOf(name), fixed, data]);
}

function dataOf(type: string, value: string): Buffer {
  if (type === 'A') return Buffer.from(value.split('.').map(Number));
  if (type === 'AAAA') return addressOf(value);
  if (type === 'CNAME') return nameOf(value);
  const strings = [...value.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(([, text = '']) => text.replaceAll(/\\(.)/g, '$1'));
  return Buffer.concat(strings.map((text) => Buffer.from([text.length, ...Buffer.from(text, 'latin1')])));
}

function nameOf(name: string): Buffer {
  const labels = name.replace(/\.$/, '').split('.');
  return Buffer.concat([...labels.map((label) => Buffer.from([label.length, ...Buffer.from(label)])), Buffer.of(0)]);
}

function addressOf(value: string): Buffer {
  if (!isIPv6(value)) throw new Error(`${value} is no IPv6 address`);
  const [head = '', tail] = (URL.parse(`http://[${value}]`)?.hostname ?? '').slice(1, -1).split('::');
  const groups = (text: string) => (text === '' ? [] : text.split(':'));
  const [first, last] = [groups(head), groups(tail ?? '')];
  const all = tail === undefined ? first : [...first, ...Array(8 - first.length - last.length).fill('0'), ...last];
  return Buffer.from(all.map((group) => group.padStart(4, '0')).join(''), 'hex');
}
