import type { ReferenceProbe } from '../../core/flow/ports.ts';
import { exchange } from './exchange.ts';
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
  const over = new AbortController();
  const signal = AbortSignal.any([scope.signal, over.signal]);
  try {
    const detail = await within(timeoutMs, look(reference, timeoutMs, signal), late);
    return { reference, visible: true, detail };
  } catch (error) {
    const words = error instanceof Error ? error.message : '';
    return { reference, visible: false, detail: codeOf(error) || words || 'no answer' };
  } finally {
    over.abort();
  }
}

async function lookTcp(reference: string, timeoutMs: number, signal: AbortSignal): Promise<string> {
  const socket = await openTcp(addressOf(reference), timeoutMs, signal);
  socket.destroy();
  return 'accepts connections';
}

async function lookHttp(reference: string, _timeoutMs: number, signal: AbortSignal): Promise<string> {
  const { status } = await exchange(reference, { method: 'HEAD', bodyBytesMax: 0, signal });
  return `answers ${status}`;
}
