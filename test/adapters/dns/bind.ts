import { createDnsClient } from '../../../adapters/dns/client.ts';
import { classes, opcodes, types } from '../../../adapters/dns/codes.ts';
import { type ResourceRecord, rcodeOf } from '../../../adapters/dns/message.ts';
import { nameOf } from '../../../adapters/dns/name.ts';
import { dataOf } from '../../../adapters/dns/rdata.ts';
import { createDnsTarget, type DnsTargetOptions } from '../../../adapters/dns/target.ts';
import { systemClock } from '../../../adapters/system/clock.ts';
import type { Target } from '../../../core/flow/ports.ts';
import { type DnsRecordType, type DnsTargetConfig, dns } from '../../../core/model/targets/dns.ts';
import { type Bind, bindKeys } from '../../support/bind.ts';

export const record = 'amqp.example.test';
export const marker = `_warren.${record}`;
export const values = { beijing: ['10.0.1.1', '10.0.1.2'], shanghai: ['10.0.2.1'] };
export type KeyName = keyof typeof bindKeys;

/** What a configuration file would say about the server. */
export function configFor(server: string, change: object = {}, keyName: KeyName = 'warren'): DnsTargetConfig {
  const { algorithm } = bindKeys[keyName];
  const key = { name: keyName, algorithm, secret: 'env:KEY' };
  return dns.schema.parse({ server, zone: 'example.test', record, values, key, ...change });
}

/** A target of the pair `trading`. @param secret of the key, in base64; by default the one that the server knows */
export function targetOf(config: DnsTargetConfig, options: Partial<DnsTargetOptions> = {}): Target {
  const known = bindKeys[config.key.name as KeyName]?.secret ?? '';
  const defaults = { pair: 'trading', clock: systemClock, timeoutMs: 500, secretText: async () => known };
  return createDnsTarget(config, { ...defaults, ...options });
}

/** Replaces whole record sets, as somebody else: with nothing, they are deleted. */
export async function edit(bind: Bind, name: string, type: DnsRecordType | 'TXT', data: Buffer[]): Promise<void> {
  const secret = Buffer.from(bindKeys.admin.secret, 'base64');
  const key = async () => ({ name: 'admin', algorithm: bindKeys.admin.algorithm, secret });
  const client = createDnsClient({ host: bind.host, port: bind.port, key, clock: systemClock, timeoutMs: 2_000 });
  const place = { name: nameOf(name), type: types[type] };
  const added = data.map((each): ResourceRecord => ({ ...place, class: classes.IN, ttlSeconds: 30, data: each }));
  const answer = await client.ask({
    opcode: opcodes.UPDATE,
    questions: [{ name: nameOf('example.test'), type: types.SOA, class: classes.IN }],
    answers: [],
    authorities: [{ ...place, class: classes.ANY, ttlSeconds: 0, data: Buffer.alloc(0) }, ...added],
  });
  if (rcodeOf(answer) !== 0) throw new Error(`the edit was answered with RCODE ${rcodeOf(answer)}`);
}

const { beijing, shanghai } = values;
const published = { beijing, shanghai, split: [...beijing, ...shanghai], none: [] as string[] };

/** Somebody else publishes other addresses. */
export function editRecord(bind: Bind, active: keyof typeof published): Promise<void> {
  return edit(
    bind,
    record,
    'A',
    published[active].map((value) => dataOf('A', value)),
  );
}

/** Everything is as in the beginning: the addresses of beijing, and no marker. */
export async function reset(bind: Bind): Promise<void> {
  await edit(bind, record, 'CNAME', []);
  await edit(bind, marker, 'TXT', []);
  await editRecord(bind, 'beijing');
}
