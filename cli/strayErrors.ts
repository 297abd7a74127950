import type { EventEmitter } from 'node:events';
import type { Notifier } from '../core/flow/ports.ts';
import { errorAlert } from '../lambdas/shared/errorAlert.ts';

/**
 * An error that belongs to no watch (a socket that fails after everybody let go of it) must not end the protection of
 * every pair. It is told, and the watches go on: what they act on is read anew each time.
 */
export function tellStrayErrors(of: EventEmitter, notifier: Notifier): void {
  const tell = (error: unknown) =>
    notifier.notify(
      errorAlert(
        error,
        { atMs: Date.now(), pair: '' },
        (kind) => `An error in Warren that no watch expected (${kind}). The watches go on.`,
      ),
    );
  of.on('uncaughtException', tell);
  of.on('unhandledRejection', tell);
}
