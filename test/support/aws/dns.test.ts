import { createSocket } from 'node:dgram';
import { Resolver } from 'node:dns/promises';
import { once } from 'node:events';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { type DnsServer, startDns } from './dns.ts';
import { answersOf } from './route53Answers.ts';
import { recordSet } from './route53Sets.ts';

const alias = { zone: 'ZELB', name: 'lb.example.net', evaluatesHealth: false };
const sets = [
  recordSet({ name: 'a.example.com', values: ['192.0.2.1', '192.0.2.2'], ttl: 30 }),
  recordSet({ name: 'six.example.com', type: 'AAAA', values: ['2001:db8::1', '::', '1:2:3:4:5:6:7:8'] }),
  recordSet({ name: 'c.example.com', type: 'CNAME', values: ['A.example.com'] }),
  recordSet({ name: 'away.example.com', type: 'CNAME', values: ['b.example.org'] }),
  recordSet({ name: 't.example.com', type: 'TXT', values: ['"one \\"two\\"" "three"'] }),
  recordSet({ name: 'w.example.com', values: ['192.0.2.3'], setIdentifier: 'a', weight: 0 }),
  recordSet({ name: 'w.example.com', values: ['192.0.2.4'], setIdentifier: 'b', weight: 255 }),
  recordSet({ name: 'f.example.com', values: ['192.0.2.5'], setIdentifier: 'a', failover: 'SECONDARY' }),
  recordSet({ name: 'f.example.com', values: ['192.0.2.6'], setIdentifier: 'b', failover: 'PRIMARY' }),
  recordSet({ name: 'out.example.com', alias }),
  recordSet({ name: 'in.example.com', alias: { ...alias, name: 'a.example.com' } }),
];

let server: DnsServer;
let resolver: Resolver;
beforeEach(async () => {
  server = await startDns((name, type) => answersOf(sets, name, type, { 'lb.example.net.': ['192.0.2.7'] }));
  resolver = new Resolver({ timeout: 1_000, tries: 1 });
  resolver.setServers([server.address]);
});
afterEach(() => server.close());

test.each([
  ['a', ['192.0.2.1', '192.0.2.2']],
  ['A', ['192.0.2.1', '192.0.2.2']],
  ['c', ['192.0.2.1', '192.0.2.2']],
  ['w', ['192.0.2.4']],
  ['f', ['192.0.2.6']],
  ['out', ['192.0.2.7']],
  ['in', ['192.0.2.1', '192.0.2.2']],
])('%s.example.com has its addresses', async (label, addresses) => {
  expect((await resolver.resolve4(`${label}.example.com`)).sort()).toEqual(addresses);
});

test('IPv6 addresses, names, texts and TTLs are answered', async () => {
  expect((await resolver.resolve6('six.example.com')).sort()).toEqual(['1:2:3:4:5:6:7:8', '2001:db8::1', '::']);
  expect(await resolver.resolveCname('away.example.com')).toEqual(['b.example.org']);
  expect(await resolver.resolveTxt('t.example.com')).toEqual([['one "two"', 'three']]);
  expect((await resolver.resolve4('a.example.com', { ttl: true }))[0]?.ttl).toBe(30);
});

test('a name without such a record, and no such name, are told apart', async () => {
  await expect(resolver.resolve6('a.example.com')).rejects.toMatchObject({ code: 'ENODATA' });
  await expect(resolver.resolve4('no.example.com')).rejects.toMatchObject({ code: 'ENOTFOUND' });
});

test('what is no question is answered with an error, as an authority', async () => {
  const socket = createSocket('udp4');
  const ask = async (query: Buffer) => {
    socket.send(query, Number(server.address.split(':')[1]), '127.0.0.1');
    const [answer] = (await once(socket, 'message')) as [Buffer];
    return { flags: answer.readUInt16BE(2), id: answer.readUInt16BE(0) };
  };
  expect(await ask(Buffer.from([1, 2]))).toEqual({ flags: 0x8401, id: 0x0102 });
  expect(await ask(Buffer.from([1, 2, 0x28, 0, 0, 1, 0, 0, 0, 0, 0, 0]))).toEqual({ flags: 0x8404, id: 0x0102 });
  expect(await ask(Buffer.from([1, 2, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 5, 97]))).toEqual({ flags: 0x8501, id: 0x0102 });
  socket.close();
});
