import type { WarrenEvent } from '../../core/model/event.ts';
import { errorName, loggedError } from './loggedError.ts';

/**
 * What people are told of an error that nobody expected: of which kind it is, and where it came from. What it says may quote what
 * nobody should read in a chat or a log, so it is left out.
 * @param sentence what it means, given the kind of error
 */
export function errorAlert(
  error: unknown,
  { atMs, pair }: Pick<WarrenEvent, 'atMs' | 'pair'>,
  sentence: (kind: string) => string,
): WarrenEvent {
  const data = { ...loggedError(error) };
  return { atMs, pair, kind: 'alert', severity: 'critical', sentence: sentence(errorName(error)), data };
}
