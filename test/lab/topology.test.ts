import { describe, expect, test } from '@jest/globals';
import { allNodes, labTopology, listeningPorts, siteOf } from '../../lab/topology.ts';

describe('the topology of the lab', () => {
  const topology = labTopology(3);

  test('has three nodes in each site, the primary first', () => {
    expect(allNodes(topology).map((node) => node.erlangName)).toEqual([
      'bj1@localhost',
      'bj2@localhost',
      'bj3@localhost',
      'sh1@localhost',
      'sh2@localhost',
      'sh3@localhost',
    ]);
  });

  test('gives each node an address of its own with the standard ports', () => {
    expect(siteOf(topology, 'shanghai').nodes.map(({ address, amqpPort }) => `${address}:${amqpPort}`)).toEqual([
      '127.0.2.1:5672',
      '127.0.2.2:5672',
      '127.0.2.3:5672',
    ]);
  });

  test('never has two listeners on one address and port', () => {
    const listeners = listeningPorts(topology).map(({ address, port }) => `${address}:${port}`);
    expect(new Set(listeners).size).toBe(listeners.length);
  });

  test('keeps away from the port mapper of the system', () => {
    expect(listeningPorts(topology).map(({ port }) => port)).not.toContain(4369);
  });

  test('listens on loopback only', () => {
    expect(listeningPorts(topology).every(({ address }) => address.startsWith('127.'))).toBe(true);
  });

  test('can be one node for each site', () => {
    expect(allNodes(labTopology(1)).map((node) => node.name)).toEqual(['bj1', 'sh1']);
  });
});
