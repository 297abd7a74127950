import { type Clock, type Target, TargetError } from '../../core/flow/ports.ts';
import type { TargetReading } from '../../core/model/target.ts';
import { type DnsTargetConfig, markerNameOf, serverAddress } from '../../core/model/targets/dns.ts';
import { createDnsClient, type DnsClient } from './client.ts';
import { types } from './codes.ts';
import { decodeSecret } from './key.ts';
import type { Marker } from './marker.ts';
import { activeSite, describePublished, markerEpochOf, markerIn } from './reading.ts';
import { type Published, readPublished, replacePublished } from './zone.ts';

export interface DnsTargetOptions {
  /** The name of the pair, which the marker says. */
  pair: string;
  clock: Clock;
  /** The deadline of each exchange: `read` makes two at once, `flip` at most three such rounds. */
  timeoutMs: number;
  /** The text that a reference to a secret stands for. */
  secretText(reference: string): Promise<string>;
}

/**
 * A record of a DNS zone as a target, by dynamic update (RFC 2136) signed with TSIG (RFC 8945). The server compares and sets:
 * the update holds only while record and marker are as they were read, so a writer that was overtaken changes nothing.
 * A zone is not restarted, so the reading's `instance` never changes.
 */
export function createDnsTarget(config: DnsTargetConfig, options: DnsTargetOptions): Target {
  const { clock, pair } = options;
  const { host, port } = serverAddress(config.server);
  const id = `dns:${host}:${port}/${config.record}/${config.type}`;
  const instance = `${config.zone}@${host}:${port}`;
  const createdAtMs = clock.monotonicMs();
  const client = createClient(config, options);

  function readingOf(published: Published): TargetReading {
    const [active, detail] = [activeSite(config, published), describePublished(config, published)];
    const uptimeMs = clock.monotonicMs() - createdAtMs;
    return { target: id, status: 'read', active, instance, uptimeMs, ...markerEpochOf(published, pair), detail };
  }

  async function read(): Promise<TargetReading> {
    try {
      return readingOf(await readPublished(client, config));
    } catch (error) {
      return { target: id, status: 'unreadable', detail: messageOf(error) };
    }
  }

  async function flip(site: string, epoch: number): Promise<TargetReading> {
    if (!Object.hasOwn(config.values, site)) throw new TargetError(`${id}: it has no values of ${site}`);
    const wanted = { pair, site, epoch };
    const before = await readPublished(client, config).catch((error) => {
      throw new TargetError(`${id}: not flipped: ${messageOf(error)}`, { cause: error });
    });
    const objection = objectionTo(config, before, wanted);
    if (objection !== null) throw new TargetError(`${id}: not flipped: ${objection}`);
    if (isDone(config, before, wanted)) return readingOf(before);
    const problem = await replace(client, config, before, wanted);
    // Whatever the answer was, or if there was none: what counts is what the server publishes now.
    const after = await readPublished(client, config).catch(messageOf);
    if (typeof after !== 'string' && isDone(config, after, wanted)) return readingOf(after);
    throw new TargetError(`${id}: ${failureSentence(site, problem, after, config)}`);
  }

  // Every exchange closes its own connection.
  return { id, read, flip, close: async () => {} };
}

function createClient({ server, key }: DnsTargetConfig, { clock, timeoutMs, secretText }: DnsTargetOptions): DnsClient {
  const { name, algorithm, secret } = key;
  const ask = async () => ({ name, algorithm, secret: decodeSecret(await secretText(secret)) });
  return createDnsClient({ ...serverAddress(server), key: ask, clock, timeoutMs });
}

/** Why an update was not accepted, and whether it is certain that nothing was changed; null: it was accepted. */
type Problem = { certain: boolean; sentence: string } | null;

async function replace(
  client: DnsClient,
  config: DnsTargetConfig,
  before: Published,
  wanted: Marker,
): Promise<Problem> {
  try {
    const refusal = await replacePublished(client, config, before, wanted);
    return refusal === null ? null : { certain: true, sentence: refusal };
  } catch (error) {
    return { certain: false, sentence: messageOf(error) };
  }
}

/** Why a writer of this epoch must not write; null: it may. */
function objectionTo(config: DnsTargetConfig, published: Published, { pair, epoch }: Marker): string | null {
  const name = markerNameOf(config);
  const marker = markerIn(published);
  if (marker === 'unknown') return `the TXT record ${name} was not written by Warren; delete it if nobody needs it`;
  if (marker && marker.pair !== pair) return `the TXT record ${name} says that it belongs to the pair ${marker.pair}`;
  if (marker && marker.epoch > epoch) return `epoch ${marker.epoch} was here, and this is ${epoch}: overtaken`;
  // A server ignores an addition beside a CNAME, and keeps quiet about it (RFC 2136, section 3.4.2.2).
  const isInTheWay = published.records.some(({ type }) => type !== types[config.type]);
  return isInTheWay ? `${config.record} is a CNAME, not ${config.type}; delete it` : null;
}

/** The values of the site are published, by a writer of this epoch: a write that timed out may have landed. */
function isDone(config: DnsTargetConfig, published: Published, wanted: Marker): boolean {
  const marker = markerIn(published);
  if (marker === null || marker === 'unknown' || activeSite(config, published) !== wanted.site) return false;
  return marker.pair === wanted.pair && marker.site === wanted.site && marker.epoch === wanted.epoch;
}

function failureSentence(site: string, problem: Problem, after: Published | string, config: DnsTargetConfig): string {
  const seen = typeof after === 'string' ? after : describePublished(config, after);
  if (problem?.certain) return `not flipped to ${site}: ${problem.sentence} (${seen})`;
  if (problem || typeof after === 'string')
    return `the outcome of the flip to ${site} is unknown: ${problem?.sentence ?? 'the update was accepted'} (then ${seen})`;
  return `after the flip to ${site} it does not publish ${site} alone: ${seen}`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
