import { createHmac, timingSafeEqual } from 'node:crypto';
import { classes, DnsError, rcodes, tsigErrorSentence, types } from './codes.ts';
import {
  decodeMessage,
  encodeMessage,
  encodeRecord,
  type Message,
  type ResourceRecord,
  rcodeOf,
  words,
} from './message.ts';
import { canonical, isSameName, nameOf } from './name.ts';
import { readTsigData, type TsigData, timeOf, tsigDataOf } from './tsigData.ts';

/** A key that both sides know (RFC 8945). */
export interface TsigKey {
  name: string;
  algorithm: 'hmac-sha256' | 'hmac-sha512';
  secret: Buffer;
}

/** How far the clocks of both sides may be apart: what RFC 8945, section 10, recommends. */
const fudgeSeconds = 300;
/** A whole signature. A truncated one is never asked for, and so not accepted (section 5.2.2.1). */
const macBytes = { 'hmac-sha256': 32, 'hmac-sha512': 64 } as const;

/** @returns the bytes to send, and the signature, which the answer's signature covers (section 5.3.1) */
export function signMessage(message: Message, key: TsigKey, nowMs: number): { bytes: Buffer; mac: Buffer } {
  const timeSeconds = Math.floor(nowMs / 1_000);
  const unsigned = encodeMessage(message);
  const data = { timeSeconds, fudgeSeconds, originalId: message.id, error: 0, other: Buffer.alloc(0) };
  const mac = macOf(key, [unsigned, tsigVariables(key, data)]);
  const signed = Buffer.concat([unsigned, encodeRecord(tsigRecord(key, { ...data, mac }))]);
  signed.writeUInt16BE(message.additionals.length + 1, 10);
  return { bytes: signed, mac };
}

/**
 * Checks the signature of an answer to a signed message (sections 5.3 and 5.4.1): by our key, over all of it, in time, and
 * without an error.
 * @param nowMs wall-clock time, which both sides put into what they sign
 * @returns the answer without its signature @throws DnsError for anything that has no sound signature
 */
export function verifyAnswer(bytes: Buffer, key: TsigKey, requestMac: Buffer, nowMs: number): Message {
  const { lastRecordStart, ...message } = decodeMessage(bytes);
  const additionals = message.additionals.slice(0, -1);
  const data = readTsig(message, key);
  if (data.mac.length === 0) throw new DnsError(unsignedSentence(message, data));
  const unsigned = Buffer.from(bytes.subarray(0, lastRecordStart));
  unsigned.writeUInt16BE(data.originalId, 0);
  unsigned.writeUInt16BE(additionals.length, 10);
  const parts = [words(requestMac.length), requestMac, unsigned, tsigVariables(key, data)];
  const expected = macOf(key, parts);
  if (data.mac.length !== macBytes[key.algorithm] || !timingSafeEqual(data.mac, expected))
    throw new DnsError('the signature of its answer is wrong');
  if (data.originalId !== message.id) throw new DnsError('the message id of its answer was changed');
  checkTime(data, nowMs);
  if (data.error !== 0) throw new DnsError(`${tsigErrorSentence(data.error)}${clockSentence(data, nowMs)}`);
  return { ...message, additionals };
}

/** The signature is the last record, and there is one (section 5.1). */
function readTsig({ answers, authorities, additionals, flags }: Message, key: TsigKey): TsigData {
  const records = [...answers, ...authorities, ...additionals].filter(({ type }) => type === types.TSIG);
  const last = additionals.at(-1);
  if (records.length === 0) {
    const rcode = rcodeOf({ flags });
    throw new DnsError(`its answer is not signed${rcode === rcodes.NOERROR ? '' : ` (RCODE ${rcode})`}`);
  }
  if (records.length > 1 || last === undefined || last.type !== types.TSIG)
    throw new DnsError('the signature is not the last record of its answer');
  const { algorithm, ...data } = readTsigData(last.data);
  if (last.class !== classes.ANY || last.ttlSeconds !== 0)
    throw new DnsError('the signature of its answer is malformed');
  if (!isSameName(last.name, nameOf(key.name)) || !isSameName(algorithm, nameOf(key.algorithm)))
    throw new DnsError('its answer is signed with another key');
  return data;
}

function tsigRecord(key: TsigKey, data: TsigData): ResourceRecord {
  const name = canonical(nameOf(key.name));
  return { name, type: types.TSIG, class: classes.ANY, ttlSeconds: 0, data: tsigDataOf(nameOf(key.algorithm), data) };
}

/** What is signed beside the messages (section 4.3.3). */
function tsigVariables(key: TsigKey, data: Omit<TsigData, 'mac'>): Buffer {
  const names = [canonical(nameOf(key.name)), words(classes.ANY, 0, 0), nameOf(key.algorithm)];
  const numbers = [timeOf(data.timeSeconds), words(data.fudgeSeconds, data.error, data.other.length), data.other];
  return Buffer.concat([...names, ...numbers]);
}

function macOf({ algorithm, secret }: TsigKey, parts: Buffer[]): Buffer {
  return createHmac(algorithm.slice('hmac-'.length), secret).update(Buffer.concat(parts)).digest();
}

/** Our own measure, not that of the answer. */
function checkTime({ timeSeconds }: TsigData, nowMs: number): void {
  if (Math.abs(nowMs / 1_000 - timeSeconds) > fudgeSeconds)
    throw new DnsError('its answer was signed at another time: the clocks are too far apart, or it is an old one');
}

/** A server that does not accept a signature cannot sign (section 5.3.2), so nobody vouches for what this says. */
function unsignedSentence(message: Message, { error }: TsigData): string {
  if (error === 0) return 'its answer has an empty signature';
  return rcodeOf(message) === rcodes.NOTAUTH ? tsigErrorSentence(error) : `it answered with a TSIG error, ${error}`;
}

/** With BADTIME comes the time of the server (section 5.2.3). */
function clockSentence({ other }: TsigData, nowMs: number): string {
  if (other.length !== 6) return '';
  const apartSeconds = Math.round(other.readUIntBE(0, 6) - nowMs / 1_000);
  return ` (its clock is ${Math.abs(apartSeconds)} s ${apartSeconds < 0 ? 'behind' : 'ahead'})`;
}
