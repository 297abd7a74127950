import { canonicalValue, type DnsRecordType } from '../../core/model/targets/dns.ts';
import { DnsError } from './codes.ts';
import { canonical, nameOf, textOf } from './name.ts';

/** The data of a record that publishes this value. @throws DnsError when it does not fit the type */
export function dataOf(type: DnsRecordType, value: string): Buffer {
  const spelt = canonicalValue(type, value);
  if (spelt === undefined) throw new DnsError(`"${value}" does not fit a record of type ${type}`);
  if (type === 'A') return Buffer.from(spelt.split('.').map(Number));
  return type === 'AAAA' ? addressBytes(spelt) : nameOf(spelt);
}

/** The value of a record, in one spelling, so that two can be compared; data of another length in hexadecimal. */
export function valueIn(type: DnsRecordType, data: Buffer): string {
  if (type === 'A' && data.length === 4) return data.join('.');
  if (type === 'AAAA' && data.length === 16) {
    const groups = Array.from({ length: 8 }, (_, index) => data.readUInt16BE(2 * index).toString(16));
    return canonicalValue('AAAA', groups.join(':')) ?? groups.join(':');
  }
  return type === 'CNAME' ? textOf(canonical(data)) : `\\# ${data.length} ${data.toString('hex')}`;
}

/** @param spelt hexadecimal groups only, with at most one `::` for those left out (RFC 5952) */
function addressBytes(spelt: string): Buffer {
  const [head = '', tail] = spelt.split('::');
  const groupsOf = (text: string) => (text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16)));
  const [before, after] = [groupsOf(head), groupsOf(tail ?? '')];
  const bytes = Buffer.alloc(16);
  before.forEach((group, index) => {
    bytes.writeUInt16BE(group, 2 * index);
  });
  after.forEach((group, index) => {
    bytes.writeUInt16BE(group, 16 - 2 * (after.length - index));
  });
  return bytes;
}

/** The data of a TXT record of one string (RFC 1035, section 3.3.14). */
export function textData(text: string): Buffer {
  return Buffer.concat([Buffer.of(Buffer.byteLength(text)), Buffer.from(text)]);
}

/** The strings of a TXT record as one, without those that are cut off. */
export function textIn(data: Buffer): string {
  let text = '';
  for (let at = 0; at < data.length; at += 1 + (data[at] ?? 0))
    text += data.toString('latin1', at + 1, at + 1 + (data[at] ?? 0));
  return text;
}
