import net, { type Socket } from 'node:net';
import tls from 'node:tls';
import { type Credentials, codeOf, ProbeFailure, redact } from './failure.ts';
import {
  close,
  closeOk,
  methods,
  open,
  protocolHeader,
  readMethods,
  refusalIn,
  startOk,
  tuneOk,
} from './fenceFrames.ts';
import { addressOf, openTcp } from './knock.ts';

/**
 * How far a login got.
 * - `accepted`: connection.open-ok
 * - `limited`: refused because a connection limit of 0 is reached
 * - `denied`: the password is refused
 * - `refused`: refused with other words
 * - `shut`: nothing listens there
 * - `unclear`: anything else
 */
export type LoginOutcome =
  | { kind: 'accepted' | 'limited' | 'shut' }
  | { kind: 'denied' | 'refused' | 'unclear'; detail: string };

export interface LoginTarget {
  amqp: string;
  vhost: string;
  credentials: Credentials;
  /** Shown by the broker as the connection's name. */
  connectionName: string;
}

/** Whether nothing listens at the node's AMQP port. RabbitMQ logs nothing about a connection that sends nothing. */
export async function refusesTcp(amqp: string, timeoutMs: number): Promise<boolean> {
  try {
    const wholeMs = evenMs(timeoutMs);
    const socket = await openTcp(addressOf(amqp), wholeMs, AbortSignal.timeout(wholeMs));
    socket.destroy();
    return false;
  } catch (error) {
    return isRefusal(error);
  }
}

/** Half of it must be a whole number of milliseconds to Node's net.connect, and not 0. */
const evenMs = (ms: number) => 2 * Math.max(1, Math.ceil(ms / 2));

const isRefusal = (error: unknown) => error instanceof ProbeFailure && error.failureClass === 'refused';

/**
 * Logs in as an application does, and hangs up. amqplib keeps neither code nor text of a refusal, and under TLS nobody else
 * can read them; so these few frames are written by hand. Never rejects.
 */
export async function tryLogin(target: LoginTarget, timeoutMs: number): Promise<LoginOutcome> {
  const signal = AbortSignal.timeout(evenMs(timeoutMs));
  let socket: Socket | null = null;
  try {
    socket = await dial(target.amqp, evenMs(timeoutMs), signal);
    return await shakeHands(socket, target);
  } catch (error) {
    if (signal.aborted) return { kind: 'unclear', detail: `the login was not answered within ${timeoutMs} ms` };
    if (socket === null && isRefusal(error)) return { kind: 'shut' };
    const words = error instanceof ProbeFailure ? error.message : codeOf(error) || 'unknown error';
    return { kind: 'unclear', detail: `the login failed: ${words}` };
  } finally {
    if (socket) await hangUp(socket, signal);
  }
}

async function dial(amqp: string, timeoutMs: number, signal: AbortSignal): Promise<Socket> {
  const address = addressOf(amqp);
  const tcp = await openTcp(address, timeoutMs, signal);
  if (!address.secure) return tcp;
  const { host } = address;
  return tls.connect({ socket: tcp, host, ...(net.isIP(host) ? {} : { servername: host }) });
}

const accessRefused = 403;
const notAllowed = 530;
/** `NOT_ALLOWED - connection refused for user 'app': user connection limit (0) is reached` (seen on 3.10.8). */
const limitReached = /connection limit \(0\) is reached/;

/** Resolves with the broker's verdict; rejects when the connection ends before it. */
function shakeHands(socket: Socket, { vhost, credentials, connectionName }: LoginTarget): Promise<LoginOutcome> {
  const { promise, resolve, reject } = Promise.withResolvers<LoginOutcome>();
  readMethods(socket, (id, args) => {
    if (id === methods.start) socket.write(startOk(credentials, connectionName));
    if (id === methods.tune) socket.write(Buffer.concat([tuneOk(args), open(vhost)]));
    if (id === methods.openOk) {
      socket.write(close());
      resolve({ kind: 'accepted' });
    }
    if (id === methods.close) {
      socket.write(closeOk());
      resolve(outcomeOf(refusalIn(args), credentials));
    }
    if (id === methods.closeOk) socket.end();
  });
  // Stays for life: an 'error' that nobody hears would end the process.
  socket.on('error', reject);
  socket.once('close', () => reject(new ProbeFailure('probe-error', 'the connection was closed')));
  socket.write(protocolHeader);
  return promise;
}

function outcomeOf({ code, text }: { code: number; text: string }, credentials: Credentials): LoginOutcome {
  if (code === notAllowed && limitReached.test(text)) return { kind: 'limited' };
  return { kind: code === accessRefused ? 'denied' : 'refused', detail: `${code} ${redact(text, credentials)}` };
}

const politeCloseMs = 200;

/** Gives the broker the time to say goodbye, so that it does not log a connection that broke. */
async function hangUp(socket: Socket, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, politeCloseMs);
  socket.once('close', () => resolve());
  if (!socket.destroyed && !signal.aborted) await promise;
  clearTimeout(timer);
  socket.destroy();
}
