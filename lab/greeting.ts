import { connect } from 'node:net';
import type { LabNode } from './topology.ts';

const protocolHeader = Buffer.from('AMQP\x00\x00\x09\x01', 'latin1');

/** Whether the node answers an AMQP 0-9-1 protocol header within `timeoutMs`. Never throws. */
export async function answersAmqp(node: LabNode, timeoutMs = 2_000): Promise<boolean> {
  return await new Promise((resolve) => {
    const socket = connect({ host: node.address, port: node.amqpPort });
    const finish = (answered: boolean) => {
      socket.destroy();
      resolve(answered);
    };
    socket.setTimeout(timeoutMs, () => finish(false));
    socket.once('connect', () => socket.write(protocolHeader));
    socket.once('data', () => finish(true));
    socket.once('error', () => finish(false));
    socket.once('close', () => finish(false));
  });
}
