import { Agent, request } from 'undici';
import type { ReferenceProbe } from '../../core/flow/ports.ts';
import { codeOf } from './failure.ts';
import { addressOf, openTcp } from './knock.ts';
import { within } from './ladder.ts';

/**
 * Is a neutral thing visible from here? `tcp://`: it accepts a connection. `http(s)://`: it answers with any status.
 * Each look is a new connection. Never rejects; bounded by the timeout.
 */
export async function probeReference(
  reference: string,
  timeoutMs: number,
  scope: AbortController,
): Promise<ReferenceProbe> {
  const look = reference.startsWith('tcp:') ? lookTcp : lookHttp;
  const late = () => new Error(`no answer within ${timeoutMs} ms`);
  try {
    const detail = await within(timeoutMs, look(reference, timeoutMs, scope.signal), late);
    return { reference, visible: true, detail };
  } catch (error) {
    const words = error instanceof Error ? error.message : '';
    return { reference, visible: false, detail: codeOf(error) || words || 'no answer' };
  }
}

async function lookTcp(reference: string, timeoutMs: number, signal: AbortSignal): Promise<string> {
  const socket = await openTcp(addressOf(reference), timeoutMs, signal);
  socket.destroy();
  return 'accepts connections';
}

async function lookHttp(reference: string, timeoutMs: number, signal: AbortSignal): Promise<string> {
  const dispatcher = new Agent({ connect: { timeout: timeoutMs }, headersTimeout: timeoutMs, bodyTimeout: timeoutMs });
  try {
    const { statusCode } = await request(reference, { method: 'HEAD', dispatcher, signal });
    return `answers ${statusCode}`;
  } finally {
    await dispatcher.destroy();
  }
}
