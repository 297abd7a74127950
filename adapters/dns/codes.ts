/** Numbers of DNS that are used here (IANA, "Domain Name System (DNS) Parameters"). */
export const types = { A: 1, NS: 2, CNAME: 5, SOA: 6, TXT: 16, AAAA: 28, TSIG: 250, ANY: 255 } as const;

/** NONE and ANY give a record of an update its meaning (RFC 2136, sections 2.4 and 2.5). */
export const classes = { IN: 1, NONE: 254, ANY: 255 } as const;

export const opcodes = { QUERY: 0, UPDATE: 5 } as const;

export const rcodes = { NOERROR: 0, NXDOMAIN: 3, NOTAUTH: 9 } as const;

/** A message that is none, or an exchange that failed. Contains no secret. */
export class DnsError extends Error {
  override readonly name = 'DnsError';
}

/** What each answer to a query or an update means (RFC 1035, section 4.1.1; RFC 2136, section 2.2). */
const meanings: Record<number, [name: string, sentence: string]> = {
  1: ['FORMERR', 'it does not understand the message'],
  2: ['SERVFAIL', 'it failed; its log says why (is the zone loaded, and can its journal be written?)'],
  3: ['NXDOMAIN', 'a name that should be there is not'],
  4: ['NOTIMP', 'it does not do dynamic updates'],
  5: ['REFUSED', 'its policy does not allow this to the key (see update-policy and allow-query)'],
  6: ['YXDOMAIN', 'there are other records at the name, and a CNAME must be alone'],
  7: ['YXRRSET', 'a record that should not be there is: somebody else changed it meanwhile'],
  8: ['NXRRSET', 'the records are not what they were when they were read: somebody else changed them meanwhile'],
  9: ['NOTAUTH', 'it is not the primary server of the zone, or does not accept the key'],
  10: ['NOTZONE', 'the record is not within the zone'],
};

/** What the server says against the signature (RFC 8945, section 3). */
const tsigMeanings: Record<number, [name: string, sentence: string]> = {
  16: ['BADSIG', 'the secret of the key is not the one it knows'],
  17: ['BADKEY', 'it does not know the key, or not with this algorithm'],
  18: ['BADTIME', 'its clock and the clock here are too far apart'],
  22: ['BADTRUNC', 'it does not accept the length of the signature'],
};

/** A sentence about a response code that is not NOERROR. */
export function rcodeSentence(rcode: number): string {
  const [name, sentence] = meanings[rcode] ?? [`RCODE ${rcode}`, 'it does not say why'];
  return `it answered ${name}: ${sentence}`;
}

/** A sentence about the error field of a signature. */
export function tsigErrorSentence(error: number): string {
  const [name, sentence] = tsigMeanings[error] ?? [`TSIG error ${error}`, 'it does not say why'];
  return `it answered NOTAUTH (${name}): ${sentence}`;
}
