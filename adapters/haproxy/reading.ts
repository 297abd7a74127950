import type { TargetReading } from '../../core/model/target.ts';
import type { HaproxyTargetConfig } from '../../core/model/targets/haproxy.ts';
import { parseServers, type ServerState } from './servers.ts';

/**
 * What HAProxy's answers to `show info float` and `show servers state` mean for this backend. Whatever cannot be
 * understood is `unreadable`: never "no servers".
 */
export function readingOf(target: string, config: HaproxyTargetConfig, info: string, state: string): TargetReading {
  try {
    const servers = parseServers(state);
    const missing = Object.values(config.servers)
      .flat()
      .filter((name) => !servers.some((server) => server.name === name));
    if (missing.length > 0) throw new Error(`it has no server ${missing.join(', ')}`);
    return {
      target,
      status: 'read',
      active: activeSite(config, servers),
      ...instanceOf(info),
      detail: describe(config, servers),
    };
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    return { target, status: 'unreadable', detail: `HAProxy backend ${config.backend} cannot be read: ${said}` };
  }
}

function activeSite(config: HaproxyTargetConfig, servers: ServerState[]): string {
  const serving = new Set(servers.filter((server) => server.serving).map((server) => server.name));
  const sites = Object.keys(config.servers).filter((site) => config.servers[site]?.some((name) => serving.has(name)));
  return sites.length > 1 ? 'split' : (sites[0] ?? 'none');
}

/**
 * A process is told apart by its number and the exact moment it started, which HAProxy keeps since 2.4; `float` gives it
 * in microseconds, so that it does not depend on our clock or on rounding. A restart and a reload both change it.
 */
function instanceOf(info: string): { instance: string; uptimeMs: number } {
  const field = (name: string) => info.match(new RegExp(`^${name}: (\\d+(?:\\.\\d+)?)\\s*$`, 'm'))?.[1];
  const [pid, uptimeSeconds, startedAtSeconds] = [field('Pid'), field('Uptime_sec'), field('Start_time_sec')];
  if (!pid || !uptimeSeconds || !startedAtSeconds)
    throw new Error('its "show info" has no Pid, Uptime_sec or Start_time_sec (HAProxy 2.4 or newer is needed)');
  return { instance: `${pid}@${startedAtSeconds}`, uptimeMs: Math.round(Number(uptimeSeconds) * 1_000) };
}

function describe({ servers: sites }: HaproxyTargetConfig, servers: ServerState[]): string {
  const ours = new Set(Object.values(sites).flat());
  const list = (heading: string, wanted: (server: ServerState) => boolean) => {
    const some = servers.filter(wanted).map(({ name, remark }) => (remark === '' ? name : `${name} (${remark})`));
    return some.length === 0 ? [] : [`${heading}: ${some.join(', ')}`];
  };
  return [
    ...list('serving', ({ name, serving }) => ours.has(name) && serving),
    ...list('not serving', ({ name, serving }) => ours.has(name) && !serving),
    ...list('of neither site, ignored', ({ name }) => !ours.has(name)),
  ].join('; ');
}
