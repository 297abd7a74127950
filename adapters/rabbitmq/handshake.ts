import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';

/**
 * How far an opening AMQP connection got, and with which words the broker refused it.
 * - `silent`: nothing was received
 * - `login`: connection.start was received, the answer to the credentials not yet
 * - `vhost`: the credentials were accepted, the virtual host is not yet open
 * - `unseen`: the bytes are encrypted, so this cannot be told
 */
export interface Handshake {
  stage: 'silent' | 'login' | 'vhost' | 'unseen';
  refusal: { code: number; text: string } | null;
}

/**
 * Runs `connect` and watches the socket that it opens. amqplib keeps neither the stage nor, for a refused
 * connection.open, the code and text of connection.close; Node's built-in channel `net.client.socket` hands over the
 * socket at once. Bytes are only looked at after amqplib has read them.
 */
export function watchHandshake<T>(connect: () => Promise<T>): { opening: Promise<T>; handshake: Handshake } {
  const handshake: Handshake = { stage: 'unseen', refusal: null };
  let stop = () => {};
  const watch = (message: unknown) => {
    stop = watchSocket((message as { socket: Socket }).socket, handshake);
  };
  subscribe('net.client.socket', watch);
  try {
    const opening = connect();
    opening.then(stop, stop);
    return { opening, handshake };
  } finally {
    unsubscribe('net.client.socket', watch);
  }
}

/** Returns how to stop watching. */
function watchSocket(socket: Socket, handshake: Handshake): () => void {
  handshake.stage = 'silent';
  let received = Buffer.alloc(0);
  const look = (chunk: Buffer) => {
    received = Buffer.concat([received, chunk]);
    received = received.subarray(readFrames(received, handshake));
    if (received.length > longestFrameBytes) socket.off('data', look);
  };
  // Only once amqplib listens to 'readable': until then a 'data' listener would take its bytes away.
  socket.once('connect', () => socket.on('data', look));
  return () => socket.off('data', look);
}

const longestFrameBytes = 131_072;
const methodFrame = 1;
const connectionClass = 10;
const methods = { start: 10, tune: 30, close: 50 };

/** Reads whole frames (AMQP 0-9-1, section 2.3.5) and returns how many bytes they took. */
function readFrames(bytes: Buffer, handshake: Handshake): number {
  let offset = 0;
  while (bytes.length - offset >= 8) {
    const size = bytes.readUInt32BE(offset + 3);
    if (bytes.length - offset < size + 8) break;
    const payload = bytes.subarray(offset + 7, offset + 7 + size);
    if (bytes[offset] === methodFrame && size >= 4) readMethod(payload, handshake);
    offset += size + 8;
  }
  return offset;
}

function readMethod(payload: Buffer, handshake: Handshake): void {
  if (payload.readUInt16BE(0) !== connectionClass) return;
  const method = payload.readUInt16BE(2);
  if (method === methods.start) handshake.stage = 'login';
  else if (method === methods.tune) handshake.stage = 'vhost';
  else if (method === methods.close && payload.length >= 7) {
    const text = payload.subarray(7, 7 + payload.readUInt8(6)).toString('utf8');
    handshake.refusal = { code: payload.readUInt16BE(4), text };
  }
}
