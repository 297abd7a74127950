import type { Budget } from '../../../core/flow/budget.ts';
import type { Random } from '../../../core/flow/ports.ts';
import type { SwitchCopyConfig } from '../../../core/model/targets/route53Health.ts';
import { failureOf, S3Failure } from './failure.ts';
import type { S3Object, Stored } from './s3.ts';

/** One copy of the switch; each request keeps within the budget. */
export interface Copy {
  readonly config: SwitchCopyConfig;
  /** @returns null when there is no object. @throws S3Failure */
  read(budget: Budget): Promise<Stored | null>;
  /**
   * Writes only over what was read; null: only where nothing was. Repeated only where S3 said that it did nothing.
   * @throws S3Failure
   */
  write(text: string, over: Stored | null, budget: Budget): Promise<void>;
}

export interface CopyOptions {
  random: Random;
  /** The deadline of each request, and of finding credentials for the first. */
  requestTimeoutMs: number;
}

/** Less is not enough for an answer: the request is not sent. */
const leastMs = 20;
const attemptsMax = 5;
const firstPauseMs = 100;

/** The SDK is loaded with the first request: most have no such target. */
export function createCopy(config: SwitchCopyConfig, { random, requestTimeoutMs }: CopyOptions): Copy {
  let opening: Promise<S3Object> | null = null;

  async function send<T>(
    action: string,
    budget: Budget,
    request: (object: S3Object, signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    // By a file of ours: bundled, it holds no more of the SDK than it names.
    opening ??= import('./s3.ts').then(({ openS3Object }) => openS3Object(config, requestTimeoutMs));
    const object = await opening;
    if (budget.leftMs() < leastMs) throw new S3Failure(`no time was left for ${action}`, 'never');
    try {
      return await budget.within(requestTimeoutMs, (signal) => request(object, signal));
    } catch (error) {
      throw failureOf(error, action, config);
    }
  }

  async function patiently<T>(budget: Budget, retries: S3Failure['retry'][], work: () => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await work();
      } catch (error) {
        const mayRetry = error instanceof S3Failure && retries.includes(error.retry) && attempt < attemptsMax;
        if (!mayRetry || !(await budget.pause(firstPauseMs * 2 ** (attempt - 1) * (0.5 + random())))) throw error;
      }
    }
  }

  return {
    config,
    async read(budget) {
      try {
        return await patiently(budget, ['slow-down', 'again'], () =>
          send('s3:GetObject', budget, (object, signal) => object.get(signal)),
        );
      } catch (error) {
        if (error instanceof S3Failure && error.retry === 'missing') return null;
        throw error;
      }
    },
    write: (text, over, budget) =>
      patiently(budget, ['slow-down'], () =>
        send('s3:PutObject', budget, (object, signal) => object.put(text, over?.etag ?? null, signal)),
      ),
  };
}
