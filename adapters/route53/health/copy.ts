import type { Budget } from '../../../core/flow/budget.ts';
import type { Random } from '../../../core/flow/ports.ts';
import type { SwitchCopyConfig } from '../../../core/model/targets/route53Health.ts';
import { createRequests } from '../../aws/requests.ts';
import { failureOf, S3Failure } from './failure.ts';
import type { Stored } from './s3.ts';

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
  /** Closes connections; what is asked for later opens new ones. */
  close(): Promise<void>;
}

export interface CopyOptions {
  random: Random;
  /** The deadline of a request on a connection that is open; `RequestsOptions` says more. */
  requestTimeoutMs: number;
}

const firstPauseMs = 100;

export function createCopy(config: SwitchCopyConfig, { random, requestTimeoutMs }: CopyOptions): Copy {
  // By a file of ours: bundled, it holds no more of the SDK than it names.
  const open = async () => (await import('./s3.ts')).openS3Object(config);
  const { ask, change, close } = createRequests({
    open,
    close: (object) => object.close(),
    random,
    requestTimeoutMs,
    firstPauseMs,
    failureOf: (error, action) => failureOf(error, action, config),
  });
  return {
    config,
    close,
    async read(budget) {
      try {
        return await ask('s3:GetObject', config.key, budget, (object, { abortSignal }) => object.get(abortSignal));
      } catch (error) {
        if (error instanceof S3Failure && error.retry === 'missing') return null;
        throw error;
      }
    },
    write: (text, over, budget) =>
      change('s3:PutObject', config.key, budget, (object, { abortSignal }) =>
        object.put(text, over?.etag ?? null, abortSignal),
      ),
  };
}
