import { DnsError } from './codes.ts';

/** A domain name as it is on the wire, uncompressed: each label after its length, and an empty one at the end. */
export type Name = Buffer;

/** RFC 1035, section 2.3.4. */
const longestLabel = 63;
const longestName = 255;

/** @param text labels of ordinary characters with dots between; a dot at the end changes nothing @throws DnsError */
export function nameOf(text: string): Name {
  const labels = text.split('.').filter((label, index, all) => label !== '' || index < all.length - 1);
  const parts = labels.flatMap((label) => {
    const bytes = Buffer.from(label, 'latin1');
    if (bytes.length === 0 || bytes.length > longestLabel) throw new DnsError(`"${text}" is not a domain name`);
    return [Buffer.of(bytes.length), bytes];
  });
  const name = Buffer.concat([...parts, Buffer.of(0)]);
  if (name.length > longestName) throw new DnsError(`"${text}" is too long for a domain name`);
  return name;
}

/** For people: what is not an ordinary character is written as `\DDD` (RFC 1035, section 5.1). */
export function textOf(name: Name): string {
  const labels: string[] = [];
  for (let at = 0; (name[at] ?? 0) > 0; at += 1 + (name[at] ?? 0)) {
    const label = name.toString('latin1', at + 1, at + 1 + (name[at] ?? 0));
    labels.push(label.replace(/[^A-Za-z0-9_*-]/g, (char) => `\\${String(char.charCodeAt(0)).padStart(3, '0')}`));
  }
  return labels.length === 0 ? '.' : labels.join('.');
}

/** The form that is compared and signed: ASCII letters in lower case (RFC 4034, section 6.2). */
export function canonical(name: Name): Name {
  // Lengths of labels are at most 63, and so are never letters.
  return Buffer.from(name.map((byte) => (byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte)));
}

export function isSameName(one: Name, other: Name): boolean {
  return canonical(one).equals(canonical(other));
}

/**
 * Reads a name that may be compressed (RFC 1035, section 4.1.4). A pointer must lead backwards, so that reading ends.
 * @returns the name and where the message goes on @throws DnsError
 */
export function readName(message: Buffer, start: number): { name: Name; next: number } {
  const parts: Buffer[] = [];
  let [at, next, limit, length] = [start, -1, start, 1];
  for (;;) {
    const first = byteAt(message, at);
    if (first >= 0xc0) {
      const target = ((first & 0x3f) << 8) | byteAt(message, at + 1);
      if (target >= limit) throw new DnsError('a compressed name does not point backwards');
      if (next < 0) next = at + 2;
      at = limit = target;
    } else {
      if (first > longestLabel) throw new DnsError('a label of an unknown kind');
      if (at + 1 + first > message.length) throw new DnsError('it ends within a name');
      parts.push(message.subarray(at, at + 1 + first));
      at += 1 + first;
      if (first === 0) return { name: Buffer.concat(parts), next: next < 0 ? at : next };
      length += 1 + first;
      if (length > longestName) throw new DnsError('a name that is too long');
    }
  }
}

function byteAt(message: Buffer, at: number): number {
  const byte = message[at];
  if (byte === undefined) throw new DnsError('it ends within a name');
  return byte;
}
