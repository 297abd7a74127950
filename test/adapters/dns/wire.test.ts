import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { classes, DnsError, rcodeSentence, tsigErrorSentence, types } from '../../../adapters/dns/codes.ts';
import { markerText, parseMarker } from '../../../adapters/dns/marker.ts';
import { decodeMessage, encodeMessage, type Message, opcodeOf, rcodeOf } from '../../../adapters/dns/message.ts';
import { isSameName, nameOf, readName, textOf } from '../../../adapters/dns/name.ts';
import { dataOf, textData, textIn, valueIn } from '../../../adapters/dns/rdata.ts';
import { signMessage, type TsigKey, verifyAnswer } from '../../../adapters/dns/tsig.ts';
import { bindKeys } from '../../support/bind.ts';
import { badSignature, badTime, query, update } from './packets.ts';

const secret = Buffer.from(bindKeys.warren.secret, 'base64');
const key: TsigKey = { name: 'warren', algorithm: 'hmac-sha256', secret };

/** A message without its signature, which is its last record and the only additional one of a request. */
function unsigned(request: Buffer): Message {
  const { lastRecordStart: _, ...message } = decodeMessage(request);
  return { ...message, additionals: [] };
}

/** The signature of a request: 32 bytes before the original id, the error and the length of nothing more. */
const macIn = (request: Buffer) => request.subarray(-38, -6);
const verify = ({ request, answer, nowMs }: typeof query, at = nowMs) => verifyAnswer(answer, key, macIn(request), at);

/** Ends with a DnsError, or not at all badly. */
function calmly(work: () => unknown): boolean {
  try {
    work();
    return true;
  } catch (error) {
    if (error instanceof DnsError) return false;
    throw error;
  }
}

describe('packets of BIND', () => {
  test.each([
    ['a query', query, key],
    ['an update', update, key],
    ['a query from another time', badTime, key],
    ['a query with another secret', badSignature, { ...key, secret: Buffer.alloc(32) }],
  ])('%s is signed to the same bytes', (_, { request, nowMs }, withKey) => {
    const { bytes, mac } = signMessage(unsigned(request), withKey, nowMs);
    expect(bytes.toString('hex')).toBe(request.toString('hex'));
    expect(mac).toEqual(macIn(request));
  });

  test('an answer is verified, and its compressed names are whole', () => {
    const message = verify(query);
    expect({ id: message.id, opcode: opcodeOf(message), rcode: rcodeOf(message) }).toEqual({
      id: 0x1234,
      opcode: 0,
      rcode: 0,
    });
    expect(message.answers.map(({ name, data }) => [textOf(name), valueIn('A', data)])).toEqual([
      ['amqp.example.test', '10.0.1.2'],
      ['amqp.example.test', '10.0.1.1'],
    ]);
    expect(message.additionals.map(({ name, type }) => [textOf(name), type])).toEqual([['ns.example.test', types.A]]);
  });

  test('an update says what it presupposes and what it replaces, and is answered by code', () => {
    const { answers, authorities } = unsigned(update.request);
    expect(answers.map((record) => record.class)).toEqual([classes.IN, classes.IN, classes.NONE]);
    expect(authorities.map((record) => record.class)).toEqual([classes.ANY, classes.IN, classes.ANY, classes.IN]);
    expect(rcodeSentence(rcodeOf(verify({ ...update, answer: update.staleAnswer })))).toMatch(/^it answered YXRRSET/);
    expect(rcodeOf(verify(update))).toBe(0);
  });

  test('any other bit in an answer is refused, but for letters in the names of key and algorithm', () => {
    const plain = JSON.stringify(verify(query));
    for (let bit = 0; bit < query.answer.length * 8; bit++) {
      const answer = Buffer.from(query.answer);
      answer[bit >> 3] = (answer[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      if (calmly(() => verify({ ...query, answer }))) expect(JSON.stringify(verify({ ...query, answer }))).toBe(plain);
    }
  });

  test('an answer belongs to one request and one key', () => {
    expect(() => verifyAnswer(query.answer, key, macIn(update.request), query.nowMs)).toThrow(/signature .* is wrong/);
    for (const other of [
      { ...key, secret: Buffer.alloc(32) },
      { ...key, name: 'other' },
      { ...key, algorithm: 'hmac-sha512' as const },
    ])
      expect(() => verifyAnswer(query.answer, other, macIn(query.request), query.nowMs)).toThrow(/wrong|another key/);
  });

  test.each([
    [299, true],
    [301, false],
    [-299, true],
    [-301, false],
  ])('an answer that comes %d s after it was signed is accepted: %s', (apartSeconds, accepted) => {
    const verified = () => verify(query, query.nowMs + apartSeconds * 1_000);
    expect(calmly(verified)).toBe(accepted);
    if (!accepted) expect(verified).toThrow(/the clocks are too far apart/);
  });

  test('what the server says against a signature becomes a sentence', () => {
    expect(() => verify(badTime)).toThrow(/NOTAUTH \(BADTIME\): .* \(its clock is 4000 s ahead\)$/);
    expect(() => verify(badSignature)).toThrow(/NOTAUTH \(BADSIG\): the secret of the key/);
    expect(() => verify({ ...query, answer: query.request })).toThrow(DnsError);
  });
});

describe('names', () => {
  test('are compared without regard to case, and shown with strange bytes escaped', () => {
    expect(isSameName(nameOf('AMQP.Example.test.'), nameOf('amqp.example.TEST'))).toBe(true);
    expect(isSameName(nameOf('a.b'), nameOf('a-b'))).toBe(false);
    expect(textOf(Buffer.from('\x03a.b\x02\xff ', 'latin1'))).toBe('a\\046b.\\255\\032');
    expect(textOf(nameOf(''))).toBe('.');
  });

  test.each(['a..b', `${'a'.repeat(64)}.b`, Array(128).fill('aa').join('.'), '.a'])('%s is none', (text) => {
    expect(() => nameOf(text)).toThrow(DnsError);
  });

  test.each([
    ['point at themselves', 'c000', 0],
    ['point forwards', 'c00200', 0],
    ['go round in a circle', '0161c000', 2],
    ['end early', '0361', 0],
    ['have a label of an unknown kind', '4161', 0],
    ['have half a pointer', '00c0', 1],
  ])('that %s are refused', (_, bytes, start) => {
    expect(() => readName(Buffer.from(bytes, 'hex'), start)).toThrow(DnsError);
  });
});

describe('whatever the bytes', () => {
  const name = fc
    .array(fc.stringMatching(/^[a-zA-Z0-9_-]{1,12}$/), { maxLength: 5 })
    .map((labels) => nameOf(labels.join('.')));
  const word = fc.nat(0xffff);
  const bytes = fc.uint8Array({ maxLength: 40 }).map((array) => Buffer.from(array));
  const record = fc
    .record({ name, type: word, class: word, ttlSeconds: fc.nat(0xffff_ffff), data: bytes })
    .filter(({ type }) => type !== types.CNAME);
  const alias = fc.record({ name, type: fc.constant(types.CNAME), class: word, ttlSeconds: fc.nat(1_000), data: name });
  const records = fc.array(fc.oneof(record, alias), { maxLength: 4 });
  const message: fc.Arbitrary<Message> = fc.record({
    id: word,
    flags: word,
    questions: fc.array(fc.record({ name, type: word, class: word }), { maxLength: 2 }),
    answers: records,
    authorities: records,
    additionals: records,
  });

  test('a message is read as it was written', () => {
    fc.assert(
      fc.property(message, (written) => {
        const { lastRecordStart: _, ...read } = decodeMessage(encodeMessage(written));
        expect(read).toEqual(written);
      }),
    );
  });

  test('a signed message is no answer to itself, and carries its own message', () => {
    fc.assert(
      fc.property(message, (written) => {
        const { bytes: sent, mac } = signMessage(written, key, query.nowMs);
        expect(calmly(() => verifyAnswer(sent, key, mac, query.nowMs))).toBe(false);
        expect(decodeMessage(sent).answers).toEqual(written.answers);
      }),
    );
  });

  test('garbage, and packets with some bytes changed, are refused calmly', () => {
    const packets = [query.answer, update.answer, update.request, badTime.answer, badSignature.answer];
    const changed = fc
      .tuple(fc.constantFrom(...packets), fc.array(fc.tuple(fc.nat(600), fc.nat(255)), { minLength: 1, maxLength: 6 }))
      .map(([packet, changes]) => {
        const copy = Buffer.from(packet);
        for (const [at, byte] of changes) copy[at % copy.length] = byte;
        return copy;
      });
    const garbage = fc.uint8Array({ maxLength: 600 }).map((array) => Buffer.from(array));
    fc.assert(
      fc.property(fc.oneof(garbage, changed), (packet) => {
        calmly(() => decodeMessage(packet));
        calmly(() => verifyAnswer(packet, key, macIn(query.request), query.nowMs));
        calmly(() => parseMarker(packet));
      }),
      { numRuns: 2_000 },
    );
  });

  test('addresses and texts are read as they were written', () => {
    fc.assert(
      fc.property(fc.ipV4(), fc.ipV6(), fc.stringMatching(/^[ -~]{0,255}$/), (four, six, text) => {
        expect(valueIn('A', dataOf('A', four))).toBe(four);
        const data = dataOf('AAAA', six);
        expect(dataOf('AAAA', valueIn('AAAA', data))).toEqual(data);
        expect(`[${valueIn('AAAA', data)}]`).toBe(new URL(`http://[${six}]`).hostname);
        expect(textIn(textData(text))).toBe(text);
      }),
    );
  });
});

test('a message that is too long is not sent', () => {
  const data = Buffer.alloc(60_000);
  const record = { name: nameOf('a'), type: types.TXT, class: classes.IN, ttlSeconds: 0, data };
  const message = { id: 0, flags: 0, questions: [], answers: [record, record], authorities: [], additionals: [] };
  expect(() => encodeMessage(message)).toThrow(/would be too long/);
});

test('data that does not fit its type is shown in hexadecimal, and a value that does not fit is refused', () => {
  expect(valueIn('A', Buffer.of(1, 2, 3))).toBe('\\# 3 010203');
  expect(() => dataOf('A', '10.0.0.256')).toThrow(DnsError);
});

test('a marker is read as it was written, and nothing else is one', () => {
  const marker = { pair: 'trading', site: 'beijing', epoch: 12 };
  expect(parseMarker(textData(markerText(marker)))).toEqual(marker);
  for (const text of ['', 'warren', 'warren pair=a site=b epoch=x', 'warren pair=a site=b epoch=9999999999999999'])
    expect(parseMarker(textData(text))).toBeNull();
});

test('every code has a sentence', () => {
  expect([1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map(rcodeSentence).every((text) => !text.includes('RCODE'))).toBe(true);
  expect(rcodeSentence(11)).toBe('it answered RCODE 11: it does not say why');
  expect([16, 17, 18, 22].map(tsigErrorSentence).every((text) => !text.includes('TSIG error'))).toBe(true);
  expect(tsigErrorSentence(99)).toBe('it answered NOTAUTH (TSIG error 99): it does not say why');
});
