import net from 'node:net';
import tls from 'node:tls';
import type { FailureClass } from '../../core/model/probe.ts';
import { codeOf, ProbeFailure } from './failure.ts';
import type { Ladder } from './ladder.ts';

/** Where something listens, taken from a URL. */
export interface Address {
  host: string;
  port: number;
  secure: boolean;
}

/** The address in an amqp(s):// or tcp:// URL; AMQP's registered ports 5672 and 5671 unless it names one. */
export function addressOf(url: string): Address {
  const { protocol, hostname, port } = new URL(url);
  const secure = protocol === 'amqps:';
  return { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port) || (secure ? 5671 : 5672), secure };
}

/**
 * The first rungs, on a connection of their own: does the node accept TCP and, for amqps, is its TLS in order? amqplib
 * would not tell which of these failed. RabbitMQ logs nothing about a connection that is closed before its first byte.
 * @throws ProbeFailure
 */
export async function knock(ladder: Ladder, address: Address, signal: AbortSignal): Promise<void> {
  const { timeoutMs } = ladder;
  const silence = new ProbeFailure('unreachable', `no connection within ${timeoutMs} ms`);
  const tcp = await ladder.climb('tcp', silence, () => openTcp(address, timeoutMs, signal));
  try {
    if (!address.secure) return;
    const hung = new ProbeFailure('hung', `accepted the connection, but no TLS handshake within ${timeoutMs} ms`);
    ladder.certificateDaysLeft = await ladder.climb('tls', hung, () => openTls(tcp, address.host));
  } finally {
    tcp.destroy();
  }
}

/**
 * Node connects a socket all the same whose signal was aborted before, and then nothing ends it.
 * @throws ProbeFailure where the signal is aborted
 */
export function requireUnaborted(signal: AbortSignal): void {
  if (signal.aborted) throw new ProbeFailure('probe-error', 'the prober was closed');
}

/** A TCP connection. Rejects with a ProbeFailure; destroyed when the signal aborts. */
export async function openTcp({ host, port }: Address, timeoutMs: number, signal: AbortSignal): Promise<net.Socket> {
  requireUnaborted(signal);
  // Of several addresses the first may take half of the time; Node's own 250 ms are too short for a distant site.
  const socket = net.connect({
    host,
    port,
    noDelay: true,
    signal,
    autoSelectFamilyAttemptTimeout: Math.ceil(timeoutMs / 2),
  });
  return new Promise((resolve, reject) => {
    socket.once('connect', () => resolve(socket));
    // Stays for life: an 'error' that nobody hears would end the process.
    socket.on('error', (error) => reject(tcpFailure(error)));
  });
}

const tcpClasses: Record<string, FailureClass> = {
  ECONNREFUSED: 'refused',
  ECONNRESET: 'refused',
  EPIPE: 'refused',
  ETIMEDOUT: 'unreachable',
  EHOSTUNREACH: 'unreachable',
  ENETUNREACH: 'unreachable',
  EHOSTDOWN: 'unreachable',
};

/**
 * What a failed connect means. A name that does not resolve, or a lack of sockets here, says nothing about the broker:
 * these are errors of the prober.
 */
export function tcpFailure(error: unknown): ProbeFailure {
  const code = codeOf(error);
  return new ProbeFailure(tcpClasses[code] ?? 'probe-error', `connecting failed: ${code || 'unknown error'}`);
}

/** @returns days until the certificate expires; null where it does not say */
function openTls(tcp: net.Socket, host: string): Promise<number | null> {
  const socket = tls.connect({ socket: tcp, host, ...(net.isIP(host) ? {} : { servername: host }) });
  return new Promise((resolve, reject) => {
    socket.once('secureConnect', () => {
      resolve(daysLeft(socket.getPeerCertificate()));
      socket.end();
    });
    socket.on('error', (error) => {
      // Closed without a byte: as a plain AMQP port does that has nobody behind it. With bytes: TLS itself failed.
      if (tcp.bytesRead === 0) reject(new ProbeFailure('refused', 'closed the connection before the TLS handshake'));
      else reject(new ProbeFailure('tls', `TLS handshake failed: ${codeOf(error) || 'unknown error'}`));
    });
  });
}

const dayMs = 86_400_000;

/** In whole days, rounded down. The wall clock is what decides whether a certificate is accepted. */
function daysLeft({ valid_to: until }: tls.PeerCertificate): number | null {
  const untilMs = Date.parse(until);
  return Number.isNaN(untilMs) ? null : Math.floor((untilMs - Date.now()) / dayMs);
}
