import { connect, type Socket } from 'node:net';
import type { Clock } from '../../core/flow/ports.ts';

/** HAProxy's runtime API (its stats socket, level admin), over TCP or a unix socket. */
export interface RuntimeApi {
  /** Asks one question. @returns the answer without surrounding blank lines. @throws RuntimeApiError */
  ask(command: string): Promise<string>;
  /**
   * Asks several questions in one exchange, so that one process answers them all: a reload may come between two.
   * @returns the answers, in their order; fewer where it gave up. @throws RuntimeApiError
   */
  askAll(commands: readonly string[]): Promise<string[]>;
  /**
   * Runs commands that answer with an empty line, all in one exchange, in this order.
   * @throws RuntimeApiError naming the first command that was answered with anything else; later ones did run.
   */
  run(commands: readonly string[]): Promise<void>;
}

export class RuntimeApiError extends Error {
  override readonly name = 'RuntimeApiError';
}

/** An answer longer than this is no answer of HAProxy's. */
const maximumAnswerCharacters = 8_000_000;

/** @param address `HOST:PORT`, `[IPV6]:PORT`, or the path of a unix socket, with or without `unix:` before it. */
export function createRuntimeApi(address: string, clock: Clock, timeoutMs: number): RuntimeApi {
  const exchange = (line: string) => exchangeOnce(address, line, clock, timeoutMs);
  return {
    ask: async (command) => (await exchange(command)).trim(),
    askAll: async (commands) => splitAnswers(await exchange(commands.join(';'))),
    async run(commands) {
      const answers = splitAnswers(await exchange(commands.join(';')));
      commands.forEach((command, index) => {
        const answer = answers[index];
        if (answer === undefined) throw new RuntimeApiError(`HAProxy at ${address} did not answer "${command}"`);
        if (answer !== '') throw new RuntimeApiError(`HAProxy at ${address} answered "${command}" with "${answer}"`);
      });
    },
  };
}

/**
 * One connection, one line, everything HAProxy says until it closes (its non-interactive mode: HAProxy management guide,
 * section 9.3). The socket is destroyed whatever happens.
 */
async function exchangeOnce(address: string, line: string, clock: Clock, timeoutMs: number): Promise<string> {
  const socket = open(address);
  const deadline = new AbortController();
  let late = false;
  void clock.sleep(timeoutMs, deadline.signal).then(() => {
    late = !deadline.signal.aborted;
    if (late) socket.destroy(new RuntimeApiError(`HAProxy at ${address} did not answer within ${timeoutMs} ms`));
  });
  try {
    return await answerOf(socket, line);
  } catch (error) {
    if (error instanceof RuntimeApiError) throw error;
    const cause = error instanceof Error ? error.message : String(error);
    throw new RuntimeApiError(`HAProxy at ${address} cannot be reached: ${cause}`, { cause: error });
  } finally {
    deadline.abort();
    socket.destroy();
  }
}

async function answerOf(socket: Socket, line: string): Promise<string> {
  socket.setEncoding('utf8');
  socket.write(`${line}\n`);
  let answer = '';
  for await (const chunk of socket) {
    answer += chunk;
    if (answer.length > maximumAnswerCharacters) throw new Error('the answer does not end');
  }
  if (answer === '') throw new Error('it closed the connection without an answer');
  return answer;
}

function open(address: string): Socket {
  const path = address.replace(/^unix:/, '');
  if (path.startsWith('/')) return connect({ path });
  const colon = address.lastIndexOf(':');
  const host = address.slice(0, colon).replace(/^\[(.*)\]$/, '$1');
  return connect({ host, port: Number(address.slice(colon + 1)) });
}

/** Each answer ends with an empty line; a silent success is nothing but that line. */
function splitAnswers(text: string): string[] {
  const answers: string[] = [];
  for (let rest = text; rest !== ''; ) {
    const end = rest.startsWith('\n') ? 0 : rest.indexOf('\n\n');
    answers.push(end < 0 ? rest.trim() : rest.slice(0, end).trim());
    rest = end < 0 ? '' : rest.slice(end === 0 ? 1 : end + 2);
  }
  return answers;
}
