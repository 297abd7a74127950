import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { opcodes } from '../../../adapters/dns/codes.ts';

/** What stands between a target and its server does with one message, given without the length before it. */
export interface Treatment {
  /** What is passed on to the server, when it is; null: nothing, ever. */
  request?(request: Buffer): Promise<Buffer | null> | Buffer | null;
  /** What is passed back, as it is then; null: the connection is closed instead. */
  answer?(answer: Buffer, request: Buffer): Buffer | null;
}

export interface Middle {
  /** `HOST:PORT` */
  server: string;
  stop(): void;
}

/** Passes messages between a target and a server on, and treats some of them badly. */
export async function startMiddle(to: { host: string; port: number }, treatment: Treatment): Promise<Middle> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    passOn(socket, to, treatment).catch(() => socket.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    server: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

export function isUpdate(request: Buffer): boolean {
  return (request[2] ?? 0) >> 3 === opcodes.UPDATE;
}

async function passOn(socket: Socket, to: { host: string; port: number }, treatment: Treatment): Promise<void> {
  const request = await message(socket);
  const wanted = treatment.request ? await treatment.request(request) : request;
  if (wanted === null) return;
  const onward = connect({ host: to.host, port: to.port });
  onward.write(framed(wanted));
  const answer = await message(onward);
  onward.destroy();
  const given = treatment.answer ? treatment.answer(answer, request) : answer;
  if (given !== null) socket.write(framed(given));
  socket.end();
}

async function message(socket: Socket): Promise<Buffer> {
  let received = Buffer.alloc(0);
  while (received.length < 2 || received.length < 2 + received.readUInt16BE(0))
    received = Buffer.concat([received, (await once(socket, 'data'))[0]]);
  return received.subarray(2);
}

function framed(bytes: Buffer): Buffer {
  return Buffer.concat([Buffer.of(bytes.length >> 8, bytes.length & 0xff), bytes]);
}
