import { DnsError, types } from './codes.ts';
import { type Name, readName } from './name.ts';

/** One question; in an update, the zone (RFC 2136, section 2.3). */
export interface Question {
  name: Name;
  type: number;
  class: number;
}

export interface ResourceRecord {
  name: Name;
  type: number;
  class: number;
  ttlSeconds: number;
  /** With names in it uncompressed, where the type is one that is used here. */
  data: Buffer;
}

/** A DNS message (RFC 1035, section 4.1). The sections of an update have the names of RFC 2136, section 2, in brackets. */
export interface Message {
  id: number;
  /** The second word of the header: QR, opcode, AA, TC, RD, RA, Z, AD, CD, RCODE. */
  flags: number;
  /** [zone] */
  questions: Question[];
  /** [prerequisites] */
  answers: ResourceRecord[];
  /** [updates] */
  authorities: ResourceRecord[];
  additionals: ResourceRecord[];
}

export const flagBits = { response: 0x8000, authoritative: 0x0400, truncated: 0x0200 } as const;
export const opcodeOf = ({ flags }: Pick<Message, 'flags'>) => (flags >> 11) & 0xf;
export const rcodeOf = ({ flags }: Pick<Message, 'flags'>) => flags & 0xf;

/** The most that the length before a message can say (RFC 1035, section 4.2.2). */
const longestMessage = 65_535;

/** @throws DnsError when it is too long */
export function encodeMessage(message: Message): Buffer {
  const { id, flags, questions, answers, authorities, additionals } = message;
  const header = words(id, flags, questions.length, answers.length, authorities.length, additionals.length);
  const asked = questions.map((question) => Buffer.concat([question.name, words(question.type, question.class)]));
  const bytes = Buffer.concat([
    header,
    ...asked,
    ...[...answers, ...authorities, ...additionals].map((record) => encodeRecord(record)),
  ]);
  if (bytes.length > longestMessage) throw new DnsError('the message would be too long');
  return bytes;
}

export function encodeRecord({ name, type, class: ofClass, ttlSeconds, data }: ResourceRecord): Buffer {
  return Buffer.concat([name, words(type, ofClass), longWord(ttlSeconds), words(data.length), data]);
}

/** 16 bits each, the higher byte first. */
export function words(...values: number[]): Buffer {
  return Buffer.from(values.flatMap((value) => [value >> 8, value & 0xff]));
}

export function longWord(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/**
 * @returns the message, and where its last record begins: a signature covers what is before it
 * @throws DnsError when it is not exactly one well-formed message
 */
export function decodeMessage(bytes: Buffer): Message & { lastRecordStart: number } {
  if (bytes.length < 12) throw new DnsError('it is shorter than the header of a message');
  const [id, flags, ...counts] = [0, 2, 4, 6, 8, 10].map((at) => bytes.readUInt16BE(at)) as [number, number];
  let [at, lastRecordStart] = [12, 12];
  const section = <Entry>(index: number, read: (bytes: Buffer, at: number) => { entry: Entry; next: number }) =>
    Array.from({ length: counts[index] ?? 0 }, () => {
      lastRecordStart = at;
      const { entry, next } = read(bytes, at);
      at = next;
      return entry;
    });
  const questions = section(0, readQuestion);
  const [answers, authorities] = [section(1, readRecord), section(2, readRecord)];
  const additionals = section(3, readRecord);
  if (at !== bytes.length) throw new DnsError('there is more than its header says');
  return { id, flags, questions, answers, authorities, additionals, lastRecordStart };
}

function readQuestion(bytes: Buffer, start: number): { entry: Question; next: number } {
  const { name, next } = readName(bytes, start);
  if (next + 4 > bytes.length) throw new DnsError('it ends within a question');
  return { entry: { name, type: bytes.readUInt16BE(next), class: bytes.readUInt16BE(next + 2) }, next: next + 4 };
}

function readRecord(bytes: Buffer, start: number): { entry: ResourceRecord; next: number } {
  const { name, next: at } = readName(bytes, start);
  if (at + 10 > bytes.length) throw new DnsError('it ends within a record');
  const type = bytes.readUInt16BE(at);
  const next = at + 10 + bytes.readUInt16BE(at + 8);
  if (next > bytes.length) throw new DnsError('it ends within a record');
  const data = readData(bytes, type, at + 10, next);
  return {
    entry: { name, type, class: bytes.readUInt16BE(at + 2), ttlSeconds: bytes.readUInt32BE(at + 4), data },
    next,
  };
}

/** Only the oldest types may have compressed names in them (RFC 3597, section 4); of these, one is used here. */
function readData(bytes: Buffer, type: number, start: number, end: number): Buffer {
  if (type !== types.CNAME || start === end) return bytes.subarray(start, end);
  const { name, next } = readName(bytes, start);
  if (next !== end) throw new DnsError('the name in a CNAME is not as long as its record');
  return name;
}
