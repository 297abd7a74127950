import { describe, expect, test } from '@jest/globals';
import { renderBrokerConfig, renderDefinitions } from '../../lab/brokerConfig.ts';
import { endpointProxy, renderHaproxyConfig } from '../../lab/haproxyConfig.ts';
import { renderBlackhole } from '../../lab/network.ts';
import { labTopology, siteOf } from '../../lab/topology.ts';

const topology = labTopology(3);
const beijing = siteOf(topology, 'beijing');
const [founder, second] = beijing.nodes;
if (founder === undefined || second === undefined) throw new Error('The lab lost its nodes.');

describe('the configuration of a broker', () => {
  test('names the cluster after the site', () => {
    expect(renderBrokerConfig(beijing, second, '/definitions.json')).toContain('cluster_name = beijing\n');
  });

  test('lets the first node found the cluster and import the users', () => {
    const config = renderBrokerConfig(beijing, founder, '/definitions.json');
    expect(config).not.toContain('classic_config.nodes');
    expect(config).toContain('definitions.local.path = /definitions.json\n');
  });

  test('lets the others join the first node and import nothing', () => {
    const config = renderBrokerConfig(beijing, second, '/definitions.json');
    expect(config).toContain('classic_config.nodes.1 = bj1@localhost\n');
    expect(config).not.toContain('definitions.');
  });

  test('contains no password in clear', () => {
    expect(renderDefinitions(beijing)).not.toContain('-lab"');
  });

  test('gives the probe user no more than monitoring', () => {
    const { users } = JSON.parse(renderDefinitions(beijing));
    expect(users.map(({ name, tags }: { name: string; tags: string[] }) => [name, tags])).toEqual([
      ['probe', ['monitoring']],
      ['app', []],
      ['operator', ['administrator']],
    ]);
  });
});

describe('the configuration of HAProxy', () => {
  const endpoint = endpointProxy(topology);
  const options = { runtimeApi: topology.runtimeApi, proxies: [endpoint] };

  test('has the primary in service and the standby in maintenance', () => {
    const servers = renderHaproxyConfig(options)
      .split('\n')
      .filter((line) => line.startsWith('  server '));
    expect(servers.map((line) => line.endsWith(' disabled'))).toEqual([false, false, false, true, true, true]);
  });

  test('does not cut connections by itself', () => {
    expect(renderHaproxyConfig(options)).not.toContain('on-marked-down');
  });

  test('takes further proxies beside the endpoint', () => {
    const compared = { ...endpoint, backend: 'compared', port: 5673, settings: ['option tcp-check'] };
    const config = renderHaproxyConfig({ ...options, proxies: [endpoint, compared] });
    expect(config).toContain('frontend compared_endpoint\n  bind 127.0.9.1:5673\n  default_backend compared\n');
    expect(config).toContain('backend compared\n  option tcp-check\n');
  });
});

describe('the rules of a blackhole', () => {
  test('drop what goes to and what comes from the site, and nothing else', () => {
    const drops = renderBlackhole('beijing', beijing.nodes)
      .split('\n')
      .filter((line) => line.endsWith(' drop'));
    expect(drops).toEqual([
      'add rule inet warren_lab beijing ip daddr { 127.0.1.1, 127.0.1.2, 127.0.1.3 } tcp dport { 5672, 15672 } drop',
      'add rule inet warren_lab beijing ip saddr { 127.0.1.1, 127.0.1.2, 127.0.1.3 } tcp sport { 5672, 15672 } drop',
    ]);
  });
});
