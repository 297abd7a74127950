import type { Socket } from 'node:net';
import { type Credentials, ProbeFailure } from './failure.ts';

/** Methods of the class `connection` (AMQP 0-9-1, section 1.4), as far as a login needs them. */
export const methods = { start: 10, startOk: 11, tune: 30, tuneOk: 31, open: 40, openOk: 41, close: 50, closeOk: 51 };

export const protocolHeader = Buffer.from('AMQP\0\0\x09\x01', 'latin1');

const connectionClass = 10;
const methodFrame = 1;
const frameEnd = 0xce;
/** Nothing longer is said during a login. */
const longestFrameBytes = 131_072;

/** Calls back with each method of the class `connection` that arrives: its number and its arguments. */
export function readMethods(socket: Socket, onMethod: (id: number, args: Buffer) => void): void {
  let received = Buffer.alloc(0);
  socket.on('data', (chunk: Buffer) => {
    received = Buffer.concat([received, chunk]);
    try {
      received = received.subarray(takeMethods(received, onMethod));
    } catch {
      // Not AMQP, or cut short: what is read from it is out of range.
      socket.destroy(new ProbeFailure('probe-error', 'the answer is no AMQP'));
    }
  });
}

/** Returns how many bytes whole frames took (section 2.3.5). */
function takeMethods(bytes: Buffer, onMethod: (id: number, args: Buffer) => void): number {
  let offset = 0;
  while (bytes.length - offset >= 8) {
    const size = bytes.readUInt32BE(offset + 3);
    if (size > longestFrameBytes) throw new RangeError('too long a frame');
    if (bytes.length - offset < size + 8) break;
    const payload = bytes.subarray(offset + 7, offset + 7 + size);
    const isMethod = bytes[offset] === methodFrame && payload.readUInt16BE(0) === connectionClass;
    offset += size + 8;
    if (isMethod) onMethod(payload.readUInt16BE(2), payload.subarray(4));
  }
  return offset;
}

/** connection.start-ok with PLAIN; the capability makes the broker tell a wrong password by a 403 instead of hanging up. */
export function startOk({ username, password }: Credentials, connectionName: string): Buffer {
  const capabilities = table([field('authentication_failure_close', 't', Buffer.from([1]))]);
  const properties = table([
    field('connection_name', 'S', longString(connectionName)),
    field('capabilities', 'F', capabilities),
  ]);
  const response = longString(`\0${username}\0${password}`);
  return method(methods.startOk, properties, shortString('PLAIN'), response, shortString('en_US'));
}

/** connection.tune-ok that agrees with what connection.tune asked for, but for heartbeats. */
export const tuneOk = (asked: Buffer) => method(methods.tuneOk, asked.subarray(0, 6), u16(0));

export const open = (vhost: string) => method(methods.open, shortString(vhost), shortString(''), Buffer.from([0]));

export const close = () => method(methods.close, u16(200), shortString('proven'), u16(0), u16(0));

export const closeOk = () => method(methods.closeOk);

/** The broker's words in connection.close. */
export const refusalIn = (args: Buffer) => ({
  code: args.readUInt16BE(0),
  text: args.subarray(3, 3 + args.readUInt8(2)).toString('utf8'),
});

function method(id: number, ...args: Buffer[]): Buffer {
  const payload = Buffer.concat([u16(connectionClass), u16(id), ...args]);
  return Buffer.concat([Buffer.from([methodFrame]), u16(0), u32(payload.length), payload, Buffer.from([frameEnd])]);
}

const field = (name: string, type: string, value: Buffer) =>
  Buffer.concat([shortString(name), Buffer.from(type), value]);

function table(fields: Buffer[]): Buffer {
  const bytes = Buffer.concat(fields);
  return Buffer.concat([u32(bytes.length), bytes]);
}

function u16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(value);
  return bytes;
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

function shortString(text: string): Buffer {
  const bytes = Buffer.from(text).subarray(0, 255);
  return Buffer.concat([Buffer.from([bytes.length]), bytes]);
}

const longString = (text: string) => Buffer.concat([u32(Buffer.byteLength(text)), Buffer.from(text)]);
