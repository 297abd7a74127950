import { DnsError } from './codes.ts';
import { words } from './message.ts';
import { type Name, readName } from './name.ts';

/** The data of a TSIG record (RFC 8945, section 4.2), but for the name of the algorithm. */
export interface TsigData {
  timeSeconds: number;
  fudgeSeconds: number;
  mac: Buffer;
  originalId: number;
  error: number;
  other: Buffer;
}

/** @throws DnsError */
export function readTsigData(data: Buffer): TsigData & { algorithm: Name } {
  const { name: algorithm, next } = readName(data, 0);
  const malformed = () => new DnsError('the signature of its answer is malformed');
  if (data.length < next + 10) throw malformed();
  const macEnd = next + 10 + data.readUInt16BE(next + 8);
  if (data.length < macEnd + 6 || data.length !== macEnd + 6 + data.readUInt16BE(macEnd + 4)) throw malformed();
  return {
    algorithm,
    timeSeconds: data.readUIntBE(next, 6),
    fudgeSeconds: data.readUInt16BE(next + 6),
    mac: data.subarray(next + 10, macEnd),
    originalId: data.readUInt16BE(macEnd),
    error: data.readUInt16BE(macEnd + 2),
    other: data.subarray(macEnd + 6),
  };
}

export function tsigDataOf(algorithm: Name, data: TsigData): Buffer {
  const { timeSeconds, fudgeSeconds, mac, originalId, error, other } = data;
  const head = [algorithm, timeOf(timeSeconds), words(fudgeSeconds, mac.length), mac];
  return Buffer.concat([...head, words(originalId, error, other.length), other]);
}

/** 48 bits, so that it goes on after 2106. */
export function timeOf(seconds: number): Buffer {
  const bytes = Buffer.alloc(6);
  bytes.writeUIntBE(seconds, 0, 6);
  return bytes;
}
