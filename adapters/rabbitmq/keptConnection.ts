import { failureClasses, type NodeProbe } from '../../core/model/probe.ts';
import { climbPublish, climbToSession } from './climb.ts';
import { type NodeContext, probeResult } from './context.ts';
import { asFailure, ConnectionLost, ProbeFailure } from './failure.ts';
import { Ladder } from './ladder.ts';
import type { Session, SessionListener } from './session.ts';

/** Who is refused for a wrong password and the like is not better off a second later, and every try is logged. */
const refusalRetryMs = 10_000;

/** The kept connection of one node. It is opened by the first probe, and again by the next one when it is gone. */
export class KeptConnection {
  readonly #context: NodeContext;
  #session: Session | null = null;
  #scope: AbortController | null = null;
  #inFlight: Promise<NodeProbe> | null = null;
  #refusal: { failure: ProbeFailure; untilMs: number } | null = null;
  #closed = false;
  /** Called after the first publish of a new connection. */
  readonly #onConnected: () => void;

  constructor(context: NodeContext, onConnected: () => void) {
    this.#context = context;
    this.#onConnected = onConnected;
  }

  /** One probe of kept depth. While one is in flight, it is the answer to every other. Never rejects. */
  probe(): Promise<NodeProbe> {
    this.#inFlight ??= this.#run().finally(() => {
      this.#inFlight = null;
    });
    return this.#inFlight;
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#session?.close();
    this.#drop();
  }

  async #run(): Promise<NodeProbe> {
    const { clock, timeoutMs } = this.#context;
    const startedAtMs = clock.monotonicMs();
    let ladder = new Ladder(clock, timeoutMs);
    try {
      await this.#climb(ladder).catch((error) => {
        // That a connection was lost says little (the probe queue may have been moved): what a new one finds is the answer.
        if (!(error instanceof ConnectionLost)) throw error;
        ladder = new Ladder(clock, timeoutMs);
        return this.#climb(ladder);
      });
    } catch (error) {
      if (!ladder.failed) ladder.fail('publish-confirm-get', asFailure(error));
    }
    return probeResult(this.#context, 'kept', startedAtMs, ladder);
  }

  /** @throws ProbeFailure; the connection is dropped then, unless an alarm is all that is wrong with it. */
  async #climb(ladder: Ladder): Promise<void> {
    try {
      const fresh = !this.#session?.alive;
      const session = fresh ? await this.#open(ladder) : (this.#session as Session);
      ladder.identity = session.identity;
      this.#requireUnblocked(ladder, session);
      await climbPublish(this.#context, ladder, session);
      this.#refusal = null;
      if (fresh) this.#onConnected();
    } catch (error) {
      // The broker keeps a blocked connection whatever we do: this one waits for connection.unblocked.
      if (!this.#session?.blocked) this.#drop();
      throw error;
    }
  }

  async #open(ladder: Ladder): Promise<Session> {
    this.#drop();
    this.#requireNoRefusal(ladder);
    this.#scope = this.#context.openScope();
    try {
      this.#session = await climbToSession(this.#context, ladder, this.#scope, 'kept', this.#listener());
    } catch (error) {
      const failure = asFailure(error);
      if (failureClasses[failure.failureClass].weight === 'alerts') {
        this.#refusal = { failure, untilMs: this.#context.clock.monotonicMs() + refusalRetryMs };
      }
      throw failure;
    }
    if (this.#closed) this.#drop();
    return this.#session;
  }

  #listener(): SessionListener {
    const { site, node, hint, knowledge } = this.#context;
    return {
      onLost(detail) {
        knowledge.reportBlocked(node.name, null);
        hint({ site, node: node.name, kind: 'broken', detail });
      },
      onBlocked(reason) {
        knowledge.reportBlocked(node.name, reason);
        hint({ site, node: node.name, kind: 'blocked', detail: reason });
      },
      onUnblocked: () => knowledge.reportBlocked(node.name, null),
    };
  }

  #requireUnblocked(ladder: Ladder, { blocked }: Session): void {
    if (blocked === null) return;
    const alarm = new ProbeFailure('alarm', `the broker blocks publishers: ${blocked}`);
    ladder.fail('publish-confirm-get', alarm);
    throw alarm;
  }

  #requireNoRefusal(ladder: Ladder): void {
    if (!this.#refusal || this.#context.clock.monotonicMs() >= this.#refusal.untilMs) return;
    ladder.fail('amqp-open', this.#refusal.failure);
    throw this.#refusal.failure;
  }

  #drop(): void {
    this.#context.knowledge.reportBlocked(this.#context.node.name, null);
    this.#session?.destroy();
    this.#session = null;
    if (this.#scope) this.#context.closeScope(this.#scope);
    this.#scope = null;
  }
}
