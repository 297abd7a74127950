import { describe, expect, test } from '@jest/globals';
import { type Received, verifySignature } from './signature.ts';

/** Examples that AWS has published, with the keys of its test suite (`aws-sig-v4-test-suite`). */
const keys = { AKIDEXAMPLE: { secret: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' } };
const nowMs = Date.UTC(2015, 7, 30, 12, 36, 0);
const at = '20150830T123600Z';

const credential = (service: string) =>
  `AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/${service}/aws4_request`;

const ordered: Received = {
  method: 'GET',
  target: '/?Param2=value2&Param1=value1',
  headers: {
    host: 'example.amazonaws.com',
    'x-amz-date': at,
    authorization: `${credential('service')}, SignedHeaders=host;x-amz-date, Signature=b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500`,
  },
  body: '',
};

const users: Received = {
  method: 'GET',
  target: '/?Action=ListUsers&Version=2010-05-08',
  headers: {
    host: 'iam.amazonaws.com',
    'content-type': 'application/x-www-form-urlencoded; charset=utf-8',
    'x-amz-date': at,
    authorization: `${credential('iam')}, SignedHeaders=content-type;host;x-amz-date, Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7`,
  },
  body: '',
};

describe('the verifier of signatures', () => {
  test.each([
    ['service', ordered],
    ['iam', users],
  ])('accepts the published example for %s', (service, received) => {
    expect(verifySignature(received, { service, region: 'us-east-1', keys, nowMs })).toBe('AKIDEXAMPLE');
  });

  test.each<[string, Partial<Received>, number, RegExp]>([
    ['another method', { method: 'POST' }, 0, /of something else/],
    ['another path', { target: '/x?Param2=value2&Param1=value1' }, 0, /of something else/],
    ['another query', { target: '/?Param2=value2&Param1=value2' }, 0, /of something else/],
    ['a body', { body: '{}' }, 0, /of something else/],
    ['another host', { headers: { ...ordered.headers, host: 'example.com' } }, 0, /of something else/],
    ['a header that is not signed', { headers: { ...ordered.headers, 'x-amz-x': '1' } }, 0, /not everything is signed/],
    ['a session token', { headers: { ...ordered.headers, 'x-amz-security-token': '1' } }, 0, /wrong session token/],
    ['five minutes later', {}, 300_001, /of another time/],
    ['no signature', { headers: { ...ordered.headers, authorization: 'Bearer x' } }, 0, /there is no signature/],
  ])('refuses the same with %s', (_, change, laterMs, complaint) => {
    const options = { service: 'service', region: 'us-east-1', keys, nowMs: nowMs + laterMs };
    expect(() => verifySignature({ ...ordered, ...change }, options)).toThrow(complaint);
  });
});
