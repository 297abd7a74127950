import net from 'node:net';

/**
 * As much of an AMQP 0-9-1 broker as a probe meets, and the ways in which it may misbehave. Frames are written by hand:
 * the client library must not be tested against itself.
 */
export interface BrokerBehaviour {
  clusterName?: string;
  version?: string;
  /** `silent`: connection.start-ok is never answered. */
  login?: 'accept' | 'refuse' | 'silent';
  vhost?: 'open' | 'silent' | { code: number; text: string };
  publish?: 'confirm' | 'nack' | 'silent' | 'block' | 'close' | { channelClose: number };
  declare?: 'ok' | 'silent';
  /** Whether the probe queue is there without being declared. */
  queueExists?: boolean;
}

export interface Message {
  header: Buffer;
  body: Buffer;
}

export class FakeBroker {
  readonly behaviour: Required<BrokerBehaviour>;
  readonly sockets = new Set<net.Socket>();
  readonly queue: Message[] = [];
  accepted = 0;
  published = 0;
  declared: string[] = [];
  acked = 0;
  politeCloses = 0;
  #emptied: (() => void) | null = null;
  readonly #server = net.createServer((socket) => this.#serve(socket));

  constructor(behaviour: BrokerBehaviour = {}) {
    this.behaviour = {
      clusterName: 'beijing',
      version: '3.10.8',
      login: 'accept',
      vhost: 'open',
      publish: 'confirm',
      declare: 'ok',
      queueExists: true,
      ...behaviour,
    };
  }

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `amqp://127.0.0.1:${(this.#server.address() as net.AddressInfo).port}`;
  }

  /** Resolves when no connection is left. */
  async empty(): Promise<void> {
    if (this.sockets.size === 0) return;
    await new Promise<void>((resolve) => {
      this.#emptied = resolve;
    });
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** connection.close with CONNECTION_FORCED, as when an operator closes connections. */
  forceClose(): void {
    for (const socket of this.sockets) socket.write(connectionClose(320, 'CONNECTION_FORCED'));
  }

  unblock(): void {
    for (const socket of this.sockets) socket.write(method(0, 10, 61));
  }

  #serve(socket: net.Socket): void {
    this.accepted += 1;
    this.sockets.add(socket);
    socket.on('close', () => {
      this.sockets.delete(socket);
      if (this.sockets.size === 0) this.#emptied?.();
    });
    socket.on('error', () => {});
    const session = new FakeSession(this, socket);
    let received = Buffer.alloc(0);
    let greeted = false;
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk]);
      if (!greeted && received.length >= 8) {
        greeted = true;
        received = received.subarray(8);
        session.greet();
      }
      while (greeted && received.length >= 8 && received.length >= received.readUInt32BE(3) + 8) {
        const size = received.readUInt32BE(3);
        session.receive(received[0] ?? 0, received.readUInt16BE(1), received.subarray(7, 7 + size));
        received = received.subarray(size + 8);
      }
    });
  }
}

class FakeSession {
  readonly #broker: FakeBroker;
  readonly #socket: net.Socket;
  readonly #tags = new Map<number, number>();
  #pending: { key: string; header: Buffer } | null = null;
  #deliveryTag = 0;

  constructor(broker: FakeBroker, socket: net.Socket) {
    this.#broker = broker;
    this.#socket = socket;
  }

  greet(): void {
    const { clusterName, version } = this.#broker.behaviour;
    const properties = table({ cluster_name: clusterName, version });
    this.#send(method(0, 10, 10, Buffer.from([0, 9]), properties, longString('PLAIN'), longString('en_US')));
  }

  receive(type: number, channel: number, payload: Buffer): void {
    if (type === 2 && this.#pending) this.#pending.header = Buffer.from(payload);
    if (type === 3 && this.#pending) this.#published(channel, this.#pending, Buffer.from(payload));
    if (type === 1) this.#method(channel, `${payload.readUInt16BE(0)}.${payload.readUInt16BE(2)}`, payload.subarray(4));
  }

  #method(channel: number, id: string, args: Buffer): void {
    const { login, vhost, declare } = this.#broker.behaviour;
    if (id === '10.11' && login === 'refuse') this.#send(connectionClose(403, 'ACCESS_REFUSED - Login was refused'));
    if (id === '10.11' && login === 'accept') this.#send(method(0, 10, 30, u16(100), u32(131_072), u16(0)));
    if (id === '10.40' && vhost === 'open') this.#send(method(0, 10, 41, shortString('')));
    if (id === '10.40' && typeof vhost === 'object') this.#send(connectionClose(vhost.code, vhost.text));
    if (id === '10.50') {
      this.#broker.politeCloses += 1;
      this.#send(method(0, 10, 51));
      this.#socket.end();
    }
    if (id === '10.51') this.#socket.end();
    if (id === '20.10') this.#send(method(channel, 20, 11, longString('')));
    if (id === '85.10') this.#send(method(channel, 85, 11));
    if (id === '50.10' && declare === 'ok') {
      const name = readShortString(args, 2) || 'generated';
      this.#broker.declared.push(name);
      this.#broker.behaviour.queueExists = true;
      this.#send(method(channel, 50, 11, shortString(name), u32(0), u32(0)));
    }
    if (id === '50.40') this.#send(method(channel, 50, 41, u32(0)));
    if (id === '60.40') this.#pending = { key: readShortString(args, 3), header: Buffer.alloc(0) };
    if (id === '60.70') this.#get(channel);
    if (id === '60.80') {
      this.#unacked.delete(args.readBigUInt64BE());
      this.#broker.acked += 1;
    }
    if (id === '60.120') this.#putBack(args.readBigUInt64BE());
  }

  readonly #unacked = new Map<bigint, Message>();

  #putBack(tag: bigint): void {
    const message = this.#unacked.get(tag);
    this.#unacked.delete(tag);
    if (message) this.#broker.queue.push(message);
  }

  #published(channel: number, { key, header }: { key: string; header: Buffer }, body: Buffer): void {
    const { publish, queueExists } = this.#broker.behaviour;
    this.#pending = null;
    this.#broker.published += 1;
    const tag = (this.#tags.get(channel) ?? 0) + 1;
    this.#tags.set(channel, tag);
    if (publish === 'silent') return;
    if (publish === 'close') this.#socket.destroy();
    else if (publish === 'block') this.#send(method(0, 10, 60, shortString('low on memory')));
    else if (publish === 'nack') this.#send(method(channel, 60, 120, u64(tag), Buffer.from([0])));
    else if (typeof publish === 'object') {
      this.#send(method(channel, 20, 40, u16(publish.channelClose), shortString('ACCESS_REFUSED'), u16(60), u16(40)));
    } else {
      if (queueExists) this.#broker.queue.push({ header, body });
      else this.#return(channel, key, { header, body });
      this.#send(method(channel, 60, 80, u64(tag), Buffer.from([0])));
    }
  }

  #return(channel: number, key: string, message: Message): void {
    this.#send(method(channel, 60, 50, u16(312), shortString('NO_ROUTE'), shortString(''), shortString(key)));
    this.#sendContent(channel, message);
  }

  #get(channel: number): void {
    const message = this.#broker.queue.shift();
    if (!message) {
      this.#send(method(channel, 60, 72, shortString('')));
      return;
    }
    this.#deliveryTag += 1;
    this.#unacked.set(BigInt(this.#deliveryTag), message);
    const names = [shortString(''), shortString('queue')];
    this.#send(method(channel, 60, 71, u64(this.#deliveryTag), Buffer.from([0]), ...names, u32(0)));
    this.#sendContent(channel, message);
  }

  #sendContent(channel: number, { header, body }: Message): void {
    this.#send(frame(2, channel, header));
    this.#send(frame(3, channel, body));
  }

  #send(bytes: Buffer): void {
    if (!this.#socket.destroyed) this.#socket.write(bytes);
  }
}

const u16 = (value: number) => Buffer.from([value >> 8, value & 0xff]);
const u32 = (value: number) => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
};
const u64 = (value: number) => Buffer.concat([u32(0), u32(value)]);
const shortString = (text: string) => Buffer.concat([Buffer.from([Buffer.byteLength(text)]), Buffer.from(text)]);
const longString = (text: string) => Buffer.concat([u32(Buffer.byteLength(text)), Buffer.from(text)]);
const readShortString = (bytes: Buffer, at: number) =>
  bytes.subarray(at + 1, at + 1 + bytes.readUInt8(at)).toString('utf8');

function table(fields: Record<string, string>): Buffer {
  const entries = Object.entries(fields).map(([key, value]) =>
    Buffer.concat([shortString(key), Buffer.from('S'), longString(value)]),
  );
  const bytes = Buffer.concat(entries);
  return Buffer.concat([u32(bytes.length), bytes]);
}

function frame(type: number, channel: number, payload: Buffer): Buffer {
  return Buffer.concat([Buffer.from([type]), u16(channel), u32(payload.length), payload, Buffer.from([0xce])]);
}

function method(channel: number, classId: number, methodId: number, ...args: Buffer[]): Buffer {
  return frame(1, channel, Buffer.concat([u16(classId), u16(methodId), ...args]));
}

const connectionClose = (code: number, text: string) => method(0, 10, 50, u16(code), shortString(text), u16(0), u16(0));

/** A content header of one message property, `message-id`, as a probe leaves it behind. */
export function strayMessage(messageId: string): Message {
  const body = Buffer.from(messageId);
  const flags = 1 << 7;
  return { header: Buffer.concat([u16(60), u16(0), u64(body.length), u16(flags), shortString(messageId)]), body };
}
