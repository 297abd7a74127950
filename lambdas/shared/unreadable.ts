import { randomUUID } from 'node:crypto';
import { type ServerResponse, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { RequestError } from '@hono/node-server';
import { ProblemError, problemDocument, problemOf, safeHeaders } from './problem.ts';

/** The answer to what failed outside of the application: a request whose address is none. */
export function answerFailure(error: unknown): Response {
  const [text, headers, status] = parts(error instanceof RequestError ? notUnderstood() : problemOf(error));
  return new Response(text, { status, headers });
}

/**
 * Answers on the connection itself what Node cannot make a request of: too slow, too long, or no HTTP at all.
 * @param answering what is being answered on it; nothing is put in the middle of an answer that has begun
 */
export function answerUnreadable(error: NodeJS.ErrnoException, socket: Socket, answering?: ServerResponse): void {
  if (error.code === 'ECONNRESET' || !socket.writable || answering?.headersSent) {
    socket.destroy();
    return;
  }
  const [text, headers, status] = parts(problemOfConnection(error.code));
  const fields = { ...headers, connection: 'close', 'content-length': String(Buffer.byteLength(text)) };
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join('')}\r\n${text}`, () => socket.destroy());
}

function problemOfConnection(code: string | undefined): ProblemError {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT')
    return new ProblemError('request-timeout', 'The request did not arrive in time.');
  if (code === 'HPE_HEADER_OVERFLOW') return new ProblemError('headers-too-large', 'Send fewer or shorter headers.');
  return notUnderstood();
}

function notUnderstood(): ProblemError {
  return new ProblemError('bad-request', 'The request line or a header cannot be understood.');
}

function parts(error: ProblemError): [text: string, headers: Record<string, string>, status: number] {
  const requestId = randomUUID();
  const own = { 'content-type': 'application/problem+json', 'x-request-id': requestId };
  const text = `${JSON.stringify(problemDocument(error, requestId))}\n`;
  return [text, { ...safeHeaders, ...error.headers, ...own }, error.problem.status];
}
