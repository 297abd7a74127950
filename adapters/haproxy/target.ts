import { type Clock, type Target, TargetError } from '../../core/flow/ports.ts';
import type { TargetReading } from '../../core/model/target.ts';
import type { HaproxyTargetConfig } from '../../core/model/targets/haproxy.ts';
import { readingOf } from './reading.ts';
import { createRuntimeApi } from './runtimeApi.ts';
import { parseServers } from './servers.ts';

/**
 * A HAProxy backend as a target, steered over the runtime API. Nothing is written to HAProxy's configuration, so a restart
 * or reload brings back what the file says; the reading's `instance` tells.
 * @param options.timeoutMs the deadline of each exchange: `read` makes two, `flip` at most seven
 */
export function createHaproxyTarget(
  config: HaproxyTargetConfig,
  { clock, timeoutMs }: { clock: Clock; timeoutMs: number },
): Target {
  const { backend } = config;
  const id = `haproxy:${config.address}/${backend}`;
  const api = createRuntimeApi(config.address, clock, timeoutMs);
  const showServers = `show servers state ${backend}`;

  async function read(): Promise<TargetReading> {
    try {
      // Whoever gives up after one answer has said why in it.
      const [info = '', state = info] = await api.askAll(['show info float', showServers]);
      return readingOf(id, config, info, state);
    } catch (error) {
      return { target: id, status: 'unreadable', detail: messageOf(error) };
    }
  }

  /** The new side is let in first, and seen to be in, before the old side is shut: the backend is never empty. */
  async function move(site: string, { wanted, unwanted }: Servers): Promise<void> {
    await api.run(wanted.map((server) => `set server ${backend}/${server} state ready`));
    const admitted = parseServers(await api.ask(showServers)).some(
      ({ name, serving }) => serving && wanted.includes(name),
    );
    if (!admitted) throw new Error(`no server of ${site} serves after "state ready" (is its weight 0?)`);
    await api.run([
      ...unwanted.map((server) => `set server ${backend}/${server} state maint`),
      ...unwanted.map((server) => `shutdown sessions server ${backend}/${server}`),
    ]);
  }

  async function flip(site: string): Promise<TargetReading> {
    const servers = serversOf(config, site);
    const before = await read();
    if (before.status === 'unreadable') throw new TargetError(`${id}: not flipped: ${before.detail}`);
    try {
      await move(site, servers);
    } catch (error) {
      throw new TargetError(`${id}: the flip to ${site} may be half done: ${messageOf(error)}`, { cause: error });
    }
    const after = await read();
    if (after.status === 'read' && after.active === site) return after;
    throw new TargetError(`${id}: after the flip to ${site} it does not serve ${site} alone: ${after.detail}`);
  }

  // Every exchange closes its own connection.
  return { id, read, flip, close: async () => {} };
}

/** Servers of the site that is to have the traffic, and of the other one. */
interface Servers {
  wanted: string[];
  unwanted: string[];
}

function serversOf(config: HaproxyTargetConfig, site: string): Servers {
  const wanted = config.servers[site];
  if (!wanted) throw new TargetError(`backend ${config.backend} has no servers of ${site}`);
  const unwanted = Object.entries(config.servers).flatMap(([name, servers]) => (name === site ? [] : servers));
  return { wanted, unwanted };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
