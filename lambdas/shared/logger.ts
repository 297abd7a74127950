import { Logger } from '@aws-lambda-powertools/logger';
import type { Notifier } from '../../core/flow/ports.ts';
import type { Severity } from '../../core/model/decision.ts';
import type { WarrenEvent } from '../../core/model/event.ts';

/** What a function logs with: one line of JSON each, a sentence as its message. */
export function createLogger(): Logger {
  return new Logger({ serviceName: 'warren' });
}

const levels = { info: 'info', warning: 'warn', critical: 'error' } as const satisfies Record<Severity, string>;

/** Logs every event: its sentence, and the value behind it. Events hold no secret. */
export function notifierTo(logger: Logger): Notifier {
  return { notify: (event) => logEvent(logger, event) };
}

function logEvent(logger: Logger, { sentence, pair, kind, severity, data }: WarrenEvent): void {
  logger[levels[severity]](sentence, { kind, ...(pair === '' ? {} : { pair }), data });
}
