import { withDeadline, within } from '../../core/flow/deadline.ts';
import type { Clock, HookAnswer, Hooks, Random } from '../../core/flow/ports.ts';
import type { HookConfig, Pair } from '../../core/model/config.ts';
import type { Operation } from '../../core/model/operation.ts';
import { answerOf } from './hookAnswer.ts';
import { NoAnswer, post } from './post.ts';

export interface HooksOptions {
  config: Pair['hooks'];
  /** The text a reference stands for: resolved anew for each request, so that a rotated secret is picked up. */
  resolve: (reference: string) => Promise<string>;
  clock: Clock;
  random: Random;
}

/** What a hook is asked. `test` concerns no operation. */
export type Question = 'may-commit' | 'has-ended' | 'test';

const afterAttemptsMax = 4;
const afterFirstPauseMs = 500;
const afterBudgetMs = 10_000;

/** Connections that failed as such: nobody has thought about the question yet. */
const connectionFailures =
  /^(ECONN\w+|EPIPE|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|ETIMEDOUT|UND_ERR_(SOCKET|CONNECT_TIMEOUT))$/;

/** The hooks of a pair: one request before the point of no return, a few at most after the end. */
export function createHooks(options: HooksOptions): Hooks {
  const { before, after } = options.config;
  return {
    before: before ? (operation) => askHook(before, options, 'may-commit', operation) : null,
    after: after ? (operation) => tellAfter(after, options, operation) : null,
  };
}

type Asking = Pick<HooksOptions, 'resolve' | 'clock'>;

/** Asks once, within the hook's timeout; a connection that failed is tried once more. Never rejects. */
export function askHook(
  config: HookConfig,
  asking: Asking,
  question: Question,
  operation: Operation | null,
): Promise<HookAnswer> {
  return withDeadline(asking.clock, config.timeoutMs, async (signal) => {
    const body = JSON.stringify({ operation, question });
    const once = () => request(config, asking, body, signal);
    try {
      return await once().catch((error) => {
        if (signal.aborted || !(error instanceof NoAnswer) || !connectionFailures.test(error.code ?? '')) throw error;
        return once();
      });
    } catch (error) {
      return { answer: 'silent', detail: error instanceof Error ? error.message : String(error) };
    }
  });
}

async function request(
  config: HookConfig,
  { resolve, clock }: Asking,
  body: string,
  signal: AbortSignal,
): Promise<HookAnswer> {
  // Only this does not listen to the signal. A refusal whose text never ends is a refusal: it must reach `answerOf`.
  const key = config.secret === undefined ? null : await within(signal, resolve(config.secret));
  const url = await within(signal, resolve(config.url));
  const response = await post({ url, body, key, nowMs: clock.nowMs(), signal });
  return await answerOf(response, url, key);
}

/** Told again while there is no answer, a few times and not for long: the operation has ended whatever is said. */
async function tellAfter(config: HookConfig, options: HooksOptions, operation: Operation): Promise<HookAnswer> {
  const { clock, random } = options;
  const endsMs = clock.monotonicMs() + afterBudgetMs;
  for (let attempt = 1; ; attempt += 1) {
    const timeoutMs = Math.min(config.timeoutMs, endsMs - clock.monotonicMs());
    const answer = await askHook({ ...config, timeoutMs }, options, 'has-ended', operation);
    const pauseMs = afterFirstPauseMs * 2 ** (attempt - 1) * (0.5 + random());
    const leftMs = endsMs - clock.monotonicMs();
    if (answer.answer !== 'silent' || attempt === afterAttemptsMax || pauseMs >= leftMs) return answer;
    await clock.sleep(pauseMs);
  }
}
