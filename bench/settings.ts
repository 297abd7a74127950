import { endpointProxy, type HaproxyProxy } from '../lab/haproxyConfig.ts';
import { allNodes, type LabTopology, labUsers } from '../lab/topology.ts';

/** One way of moving traffic, behind an address of its own. */
export interface Setting {
  name: string;
  proxy: HaproxyProxy;
}

const basic = Buffer.from(`${labUsers.probe.name}:${labUsers.probe.password}`).toString('base64');

/**
 * Warren's endpoint, and beside it in the same HAProxy the four sets of HAProxy's own checks that it is compared with, all
 * at the same base interval. The last is the best we know: an AMQP handshake, rechecked fast on the first trouble.
 * Options: HAProxy 2.6 configuration manual, sections 5.2 (check, fastinter, observe, on-marked-down, backup) and 4.2
 * (tcp-check, httpchk).
 */
export function settingsOf(topology: LabTopology): Setting[] {
  const base = 'check inter 5s fall 3 rise 2';
  const own = (name: string, index: number, settings: string[], checks: string): Setting => ({
    name,
    proxy: checkedProxy(topology, `checked${index}`, `127.0.9.${index + 1}`, settings, checks),
  });
  return [
    { name: 'Warren', proxy: endpointProxy(topology) },
    own('tcp', 1, [], base),
    own('tcp, fastinter 1s', 2, [], `${base} fastinter 1s`),
    own(
      'httpchk alarms',
      3,
      ['option httpchk', `http-check send meth GET uri /api/health/checks/alarms hdr Authorization "Basic ${basic}"`],
      `${base} port 15672`,
    ),
    own(
      'AMQP handshake, fastinter 1s, observe layer4',
      4,
      [
        'timeout check 2s',
        'option tcp-check',
        'tcp-check connect',
        'tcp-check send-binary 414d515000000901',
        'tcp-check expect binary 010000',
      ],
      `${base} fastinter 1s observe layer4`,
    ),
  ];
}

/** Primary servers that drop their sessions when they are marked down, the standby as backup. */
function checkedProxy(
  topology: LabTopology,
  backend: string,
  address: string,
  settings: string[],
  checks: string,
): HaproxyProxy {
  const primary = topology.sites[0]?.name;
  return {
    backend,
    address,
    port: topology.endpoint.port,
    settings: ['balance roundrobin', 'option redispatch 1', 'retries 3', 'option allbackups', ...settings],
    servers: allNodes(topology).map((node) => ({
      name: node.name,
      address: node.address,
      port: node.amqpPort,
      options: `${checks} on-marked-down shutdown-sessions${node.site === primary ? '' : ' backup'}`,
    })),
  };
}
