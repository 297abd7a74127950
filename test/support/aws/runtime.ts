import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { findRuntimeClient } from '../../../bench/start/runtimeClient.ts';

export interface FunctionOptions {
  name: string;
  /** With `index.js`, which exports `handler`. */
  folder: string;
  timeoutMs: number;
  environment: Record<string, string>;
}

/** How an invocation ended. */
export type Invoked =
  | { ended: 'answer'; payload: unknown; durationMs: number }
  | { ended: 'error'; payload: { errorType: string; errorMessage: string }; durationMs: number }
  | { ended: 'timeout'; durationMs: number };

/** A function as Lambda runs it: sandboxes that are used again, one invocation each at a time, and a hard end at the timeout. */
export interface LambdaFunction {
  invoke(event: unknown): Promise<Invoked>;
  /** How many sandboxes were started until now. */
  sandboxes(): number;
  /** Lines that were logged until now. */
  lines(): string[];
  /** Gives whatever runs no more processor time: it will be found at its timeout as it is now. */
  starve(): void;
  /** Ends every sandbox, whatever it does. */
  close(): Promise<void>;
}

const client = findRuntimeClient();
const preload = fileURLToPath(new URL('runtimePreload.ts', import.meta.url));

/** Runs a bundle by AWS's own runtime client for Node.js (npm `aws-lambda-ric`) against a Runtime API on loopback. */
export function createFunction(options: FunctionOptions): LambdaFunction {
  const all = new Set<Sandbox>();
  const idle: Sandbox[] = [];
  const lines: string[] = [];
  let started = 0;
  return {
    async invoke(event) {
      const sandbox = idle.pop() ?? (await Sandbox.start(options, (line) => lines.push(line)));
      if (!all.has(sandbox)) started += 1;
      all.add(sandbox);
      const invoked = await sandbox.invoke(event);
      if (invoked.ended === 'timeout') await sandbox.kill();
      else idle.push(sandbox);
      return invoked;
    },
    sandboxes: () => started,
    lines: () => lines,
    starve: () => {
      for (const sandbox of all) sandbox.freeze();
    },
    close: async () => void (await Promise.all([...all].map((sandbox) => sandbox.kill()))),
  };
}

interface Invocation {
  id: string;
  event: unknown;
  deadlineMs: number;
  done: (invoked: Invoked) => void;
  startedAtMs: number;
}

class Sandbox {
  readonly #server: Server;
  readonly #options: FunctionOptions;
  #child: ChildProcess | null = null;
  #guard: ChildProcess | null = null;
  #waiting: ((invocation: Invocation) => void) | null = null;
  #queued: Invocation | null = null;
  #current: Invocation | null = null;

  private constructor(options: FunctionOptions) {
    this.#options = options;
    this.#server = createServer((request, response) => void this.#serve(request, response));
  }

  static async start(options: FunctionOptions, log: (line: string) => void): Promise<Sandbox> {
    const sandbox = new Sandbox(options);
    await new Promise<void>((resolve) => sandbox.#server.listen(0, '127.0.0.1', resolve));
    sandbox.#spawn(log);
    return sandbox;
  }

  async invoke(event: unknown): Promise<Invoked> {
    const { timeoutMs } = this.#options;
    const { promise, resolve } = Promise.withResolvers<Invoked>();
    const startedAtMs = performance.now();
    const invocation = { id: randomUUID(), event, deadlineMs: Date.now() + timeoutMs, done: resolve, startedAtMs };
    if (this.#waiting) this.#waiting(invocation);
    else this.#queued = invocation;
    const timer = setTimeout(() => resolve({ ended: 'timeout', durationMs: timeoutMs }), timeoutMs);
    const invoked = await promise;
    clearTimeout(timer);
    return invoked;
  }

  /** As Lambda does between invocations. */
  freeze(): void {
    this.#child?.kill('SIGSTOP');
  }

  /** As Lambda does at the timeout: nothing in the sandbox is asked. */
  async kill(): Promise<void> {
    const child = this.#child;
    this.#child = null;
    if (child?.exitCode === null && child.signalCode === null) {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGKILL');
      await ended;
    }
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #spawn(log: (line: string) => void): void {
    const { folder, name, environment } = this.#options;
    const { port } = this.#server.address() as AddressInfo;
    const env = {
      PATH: process.env.PATH ?? '',
      TZ: ':UTC',
      AWS_LAMBDA_RUNTIME_API: `127.0.0.1:${port}`,
      AWS_LAMBDA_FUNCTION_NAME: name,
      AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '512',
      AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${name}`,
      AWS_LAMBDA_LOG_STREAM_NAME: 'stream',
      AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
      LAMBDA_TASK_ROOT: folder,
      _HANDLER: 'index.handler',
      ...environment,
    };
    const child = spawn(process.execPath, ['--import', preload, client], { cwd: folder, env });
    for (const stream of [child.stdout, child.stderr]) {
      let rest = '';
      stream.setEncoding('utf8').on('data', (part: string) => {
        const parts = (rest + part).split('\n');
        rest = parts.pop() ?? '';
        for (const line of parts) log(line);
      });
    }
    // A frozen process would outlive a test that is killed: the pipe to this one ends with the test.
    const guard = ['-c', `cat >/dev/null; kill -9 ${child.pid}`];
    this.#guard = spawn('sh', guard, { detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
    child.once('exit', () => this.#guard?.kill('SIGKILL'));
    child.once('exit', () => this.#end({ ended: 'error', payload: exited, durationMs: 0 }));
    this.#child = child;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await text(request).catch(() => '');
    const path = request.url ?? '';
    if (path.endsWith('/invocation/next')) {
      this.#next(response);
      return;
    }
    const durationMs = performance.now() - (this.#current?.startedAtMs ?? 0);
    if (path.endsWith('/response')) this.#end({ ended: 'answer', payload: JSON.parse(body), durationMs });
    else this.#end({ ended: 'error', payload: JSON.parse(body), durationMs });
    response.writeHead(202).end('{}');
  }

  #next(response: ServerResponse): void {
    const give = (invocation: Invocation) => {
      this.#waiting = null;
      this.#current = invocation;
      this.#child?.kill('SIGCONT');
      response.writeHead(200, {
        'content-type': 'application/json',
        'lambda-runtime-aws-request-id': invocation.id,
        'lambda-runtime-deadline-ms': String(invocation.deadlineMs),
        'lambda-runtime-invoked-function-arn': `arn:aws:lambda:eu-central-1:123456789012:function:${this.#options.name}`,
      });
      response.end(JSON.stringify(invocation.event));
    };
    const queued = this.#queued;
    this.#queued = null;
    if (queued) {
      give(queued);
      return;
    }
    this.#waiting = give;
    this.freeze();
  }

  #end(invoked: Invoked): void {
    (this.#current ?? this.#queued)?.done(invoked);
    this.#current = null;
  }
}

const exited = { errorType: 'Runtime.ExitError', errorMessage: 'The sandbox ended.' };
