import { createHash, createHmac } from 'node:crypto';

/** A request as it came over the wire. */
export interface Received {
  method: string;
  /** Path and query, as they were written. */
  target: string;
  /** By lower-case name. */
  headers: Record<string, string | undefined>;
  body: string;
}

/** A key that the verifier knows. */
export interface Key {
  secret: string;
  /** Of temporary credentials. */
  sessionToken?: string;
}

export interface VerifierOptions {
  service: string;
  region: string;
  keys: Record<string, Key>;
  nowMs: number;
}

const algorithm = 'AWS4-HMAC-SHA256';
const holdsMs = 5 * 60_000;

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest();

/**
 * Checks a signature as AWS describes it (IAM user guide, "Create a signed AWS API request" and "Elements of an AWS API request
 * signature"), from the bytes of the request, and not by what signed it.
 * @returns the id of the key @throws Error that says what is wrong
 */
export function verifySignature(received: Received, { service, region, keys, nowMs }: VerifierOptions): string {
  const { headers } = received;
  const parts = headers.authorization?.match(
    /^(\S+) Credential=([^/]+)\/(\d{8})\/([^/]+)\/([^/]+)\/aws4_request, SignedHeaders=(\S+), Signature=([0-9a-f]{64})$/,
  );
  if (!parts || parts[1] !== algorithm) throw new Error(`there is no signature: ${headers.authorization}`);
  const [, , keyId = '', day = '', forRegion, forService, names = '', signature] = parts;
  if (forRegion !== region || forService !== service) throw new Error(`it is for ${forService} in ${forRegion}`);
  const at = headers['x-amz-date'] ?? '';
  const atMs = Date.parse(at.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));
  if (!at.startsWith(day) || !(Math.abs(nowMs - atMs) <= holdsMs)) throw new Error(`it is of another time: ${at}`);
  const key = keys[keyId];
  if (!key) throw new Error('there is no such key');
  if (headers['x-amz-security-token'] !== key.sessionToken) throw new Error('it has the wrong session token');
  const signed = names.split(';');
  const needed = Object.keys(headers).filter((name) => name === 'host' || name.startsWith('x-amz-'));
  if (needed.some((name) => !signed.includes(name))) throw new Error(`not everything is signed: ${names}`);
  const scope = `${day}/${region}/${service}/aws4_request`;
  const toSign = [algorithm, at, scope, sha256(canonicalRequest(received, signed))].join('\n');
  const signingKey = [day, region, service, 'aws4_request'].reduce<string | Buffer>(hmac, `AWS4${key.secret}`);
  if (hmac(signingKey, toSign).toString('hex') !== signature) throw new Error('it is of something else');
  return keyId;
}

function canonicalRequest({ method, target, headers, body }: Received, signed: string[]): string {
  const [path = '', query = ''] = target.split('?', 2);
  // Every service but S3 encodes the path once more than it is sent.
  const canonicalPath = path.split('/').map(uriEncode).join('/');
  const lines = signed.map((name) => `${name}:${(headers[name] ?? '').trim().replace(/ +/g, ' ')}\n`);
  return [method, canonicalPath, canonicalQuery(query), lines.join(''), signed.join(';'), sha256(body)].join('\n');
}

/** A `+` is a `+`: the space is `%20`. */
function canonicalQuery(query: string): string {
  if (query === '') return '';
  const pairs = query.split('&').map((pair) => {
    const [name = '', value = ''] = pair.split('=', 2);
    return [name, value].map((part) => uriEncode(decodeURIComponent(part)));
  });
  return pairs
    .sort(([one = '', first = ''], [other = '', second = '']) =>
      one === other ? Number(first > second) - 0.5 : Number(one > other) - 0.5,
    )
    .map((pair) => pair.join('='))
    .join('&');
}

/** "UriEncode": every byte but those of `A-Z a-z 0-9 - . _ ~`. */
function uriEncode(text: string): string {
  return [...Buffer.from(text)]
    .map((byte) => {
      const character = String.fromCharCode(byte);
      return /[A-Za-z0-9\-._~]/.test(character) ? character : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
    })
    .join('');
}
