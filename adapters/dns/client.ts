import { randomInt } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import type { Clock } from '../../core/flow/ports.ts';
import { DnsError, opcodes, rcodes } from './codes.ts';
import { flagBits, type Message, opcodeOf, rcodeOf, words } from './message.ts';
import { isSameName } from './name.ts';
import { signMessage, type TsigKey, verifyAnswer } from './tsig.ts';

/** What is asked of a server; the rest of a message follows from it. */
export type Request = Pick<Message, 'questions' | 'answers' | 'authorities'> & { opcode: number };

/** A DNS server, by signed messages over TCP: nothing is cut short there, and nobody can answer in its place. */
export interface DnsClient {
  /**
   * Sends one message over a connection of its own.
   * @returns the answer, proven to be the server's, whatever its response code @throws DnsError; then it is not known whether
   * the server has seen the message
   */
  ask(request: Request): Promise<Message>;
}

export interface DnsClientOptions {
  host: string;
  port: number;
  /** Asked again for each message, so that a rotated key is picked up. */
  key: () => Promise<TsigKey>;
  clock: Clock;
  /** The deadline of each message, from asking for the key to the end of the answer. */
  timeoutMs: number;
}

export function createDnsClient(options: DnsClientOptions): DnsClient {
  const { host, port, clock, timeoutMs } = options;
  async function ask(request: Request): Promise<Message> {
    const ended = new AbortController();
    const late = clock.sleep(timeoutMs, ended.signal).then(() => {
      throw new DnsError(`it did not answer within ${timeoutMs} ms`);
    });
    try {
      return await Promise.race([exchange(options, request, ended.signal), late]);
    } catch (error) {
      throw new DnsError(`the DNS server ${host}:${port} cannot be asked: ${messageOf(error)}`, { cause: error });
    } finally {
      ended.abort();
    }
  }
  return { ask };
}

/** The socket is destroyed whatever happens, and at the latest when `ended` aborts. */
async function exchange(options: DnsClientOptions, request: Request, ended: AbortSignal): Promise<Message> {
  const { host, port, clock } = options;
  const key = await options.key();
  ended.throwIfAborted();
  const { opcode, ...sections } = request;
  const message = { id: randomInt(0x1_0000), flags: opcode << 11, additionals: [], ...sections };
  const { bytes, mac } = signMessage(message, key, clock.nowMs());
  const socket = connect({ host, port });
  ended.addEventListener('abort', () => socket.destroy());
  socket.write(Buffer.concat([words(bytes.length), bytes]));
  const answer = verifyAnswer(await receive(socket), key, mac, clock.nowMs());
  checkAnswer(answer, message);
  return answer;
}

/** One message, after its length (RFC 1035, section 4.2.2), and so at most 64 KiB. */
async function receive(socket: Socket): Promise<Buffer> {
  let received = Buffer.alloc(0);
  for await (const chunk of socket) {
    received = Buffer.concat([received, chunk]);
    const end = received.length < 2 ? Number.POSITIVE_INFINITY : 2 + received.readUInt16BE(0);
    if (received.length >= end) return received.subarray(2, end);
  }
  throw new DnsError('it closed the connection without an answer');
}

/** An update may be answered without its zone (RFC 2136, section 3.8), and an error without the question. */
function checkAnswer(answer: Message, message: Message): void {
  if ((answer.flags & flagBits.response) === 0 || opcodeOf(answer) !== opcodeOf(message) || answer.id !== message.id)
    throw new DnsError('its answer is to another message');
  if ((answer.flags & flagBits.truncated) !== 0) throw new DnsError('its answer is truncated');
  const mayLack = opcodeOf(message) === opcodes.UPDATE || rcodeOf(answer) !== rcodes.NOERROR;
  if (answer.questions.length === 0 && mayLack) return;
  const [asked, repeated] = [message.questions[0], answer.questions[0]];
  const isSame = asked && repeated && isSameName(asked.name, repeated.name) && asked.type === repeated.type;
  if (!isSame || asked.class !== repeated.class || answer.questions.length !== 1)
    throw new DnsError('its answer is to another question');
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
