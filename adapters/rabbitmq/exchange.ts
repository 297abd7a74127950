import http from 'node:http';
import https from 'node:https';

/** A request, and how much of its answer is read. */
export interface ExchangeOptions {
  method: string;
  headers?: http.OutgoingHttpHeaders;
  body?: string | undefined;
  /** By default a connection for this one request. */
  agent?: http.Agent;
  bodyBytesMax: number;
  signal: AbortSignal;
}

/**
 * One HTTP request by Node's own client: it is loaded anyway, and speaks nothing but HTTP/1.1. Redirects are not followed.
 * A request that waits for a connection of its agent does not hear of the signal. @throws whatever stood in its way
 */
export async function exchange(url: string, options: ExchangeOptions): Promise<{ status: number; text: string }> {
  const { body, bodyBytesMax, agent = false, ...rest } = options;
  const { request } = url.startsWith('https:') ? https : http;
  const { promise, resolve, reject } = Promise.withResolvers<http.IncomingMessage>();
  const sent = request(url, { ...rest, agent }, resolve);
  // Stays for life: an 'error' that nobody hears would end the process.
  sent.on('error', reject).end(body);
  const answer = await promise;
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of answer as AsyncIterable<Buffer>) {
    bytes += part.length;
    // Leaving the loop closes the connection.
    if (bytes > bodyBytesMax) throw new Error(`an answer of more than ${bodyBytesMax} bytes`);
    parts.push(part);
  }
  return { status: answer.statusCode ?? 0, text: Buffer.concat(parts).toString() };
}

/** So long a connection without a request is kept; RabbitMQ closes one after 5 s (cowboy, `request_timeout`). */
const idleMs = 4_000;

/** Kept-alive connections: at most so many for each host and port. Once closed, there are no new ones. */
export class Connections {
  readonly #agents: Record<'http' | 'https', http.Agent>;
  #isClosed = false;

  constructor(maxSockets: number) {
    const settings = { keepAlive: true, maxSockets, timeout: idleMs };
    this.#agents = {
      http: this.#guarded(new http.Agent(settings)),
      https: this.#guarded(new https.Agent(settings)),
    };
  }

  agentFor(url: string): http.Agent {
    return this.#agents[url.startsWith('https:') ? 'https' : 'http'];
  }

  close(): void {
    this.#isClosed = true;
    for (const agent of Object.values(this.#agents)) agent.destroy();
  }

  /** For each connection that ends, Node's agent opens another one while requests wait, also after it was destroyed. */
  #guarded(agent: http.Agent): http.Agent {
    const create = agent.createConnection.bind(agent);
    agent.createConnection = (options, callback) => {
      if (!this.#isClosed) return create(options, callback);
      callback?.(new Error('closed'), undefined as never);
      return undefined;
    };
    return agent;
  }
}
