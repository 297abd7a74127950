import type { EventEmitter } from 'node:events';
import type { Logger } from '@aws-lambda-powertools/logger';
import { loggedError } from '../shared/loggedError.ts';

/**
 * An error that belongs to no watch (a socket that fails after everybody let go of it) must not end the watch of every pair. It is
 * logged, and the watches go on: what they act on is read anew each time.
 */
export function logStrayErrors(of: EventEmitter, logger: Pick<Logger, 'error'>): void {
  const log = (error: unknown) =>
    logger.error('An error in Warren that no watch expected. The watches go on.', { ...loggedError(error) });
  of.on('uncaughtException', log);
  of.on('unhandledRejection', log);
}
