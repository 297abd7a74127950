import type { LabTopology } from './topology.ts';
import { allNodes } from './topology.ts';

/** One `server` line. `options` is everything after the address, such as `check inter 1s`. */
export interface HaproxyServer {
  readonly name: string;
  readonly address: string;
  readonly port: number;
  readonly options: string;
}

/** A listening address and the backend behind it. `settings` are further lines of the backend. */
export interface HaproxyProxy {
  readonly backend: string;
  readonly address: string;
  readonly port: number;
  readonly settings: readonly string[];
  readonly servers: readonly HaproxyServer[];
}

export interface HaproxyOptions {
  readonly runtimeApi: { readonly address: string; readonly port: number };
  readonly proxies: readonly HaproxyProxy[];
}

/**
 * HAProxy's checks of the endpoint: plain TCP, and deliberately without `on-marked-down shutdown-sessions`.
 * They take a dead node out of rotation; to move clients to the other site is somebody else's work.
 */
export const endpointChecks = 'check inter 1s fall 2 rise 1';

/** The lab's endpoint: backend `amqp` with the primary's nodes in service and the standby's in maintenance. */
export function endpointProxy(topology: LabTopology): HaproxyProxy {
  const primary = topology.sites[0]?.name;
  return {
    backend: 'amqp',
    address: topology.endpoint.address,
    port: topology.endpoint.port,
    settings: ['balance roundrobin', 'option redispatch 1', 'retries 3'],
    servers: allNodes(topology).map((node) => ({
      name: node.name,
      address: node.address,
      port: node.amqpPort,
      options: node.site === primary ? endpointChecks : `${endpointChecks} disabled`,
    })),
  };
}

/** The whole configuration file. Pass further proxies beside `endpointProxy` to compare settings side by side. */
export function renderHaproxyConfig({ runtimeApi, proxies }: HaproxyOptions): string {
  const lines = [
    'global',
    '  maxconn 2000',
    '  nbthread 1',
    '  log stdout format raw local0',
    `  stats socket ipv4@${runtimeApi.address}:${runtimeApi.port} level admin`,
    '  stats timeout 30s',
    '',
    'defaults',
    '  mode tcp',
    '  log global',
    '  option log-health-checks',
    '  timeout connect 1s',
    '  timeout check 1s',
    '  timeout queue 5s',
    '  timeout client 1h',
    '  timeout server 1h',
    ...proxies.flatMap(proxyLines),
  ];
  return `${lines.join('\n')}\n`;
}

function proxyLines(proxy: HaproxyProxy): readonly string[] {
  return [
    '',
    `frontend ${proxy.backend}_endpoint`,
    `  bind ${proxy.address}:${proxy.port}`,
    `  default_backend ${proxy.backend}`,
    '',
    `backend ${proxy.backend}`,
    ...proxy.settings.map((setting) => `  ${setting}`),
    ...proxy.servers.map((server) => `  server ${server.name} ${server.address}:${server.port} ${server.options}`),
  ];
}
