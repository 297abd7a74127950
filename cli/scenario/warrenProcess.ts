import type { WarrenEvent } from '../../core/model/event.ts';
import { moduleFile } from '../moduleFile.ts';
import { startService } from '../serviceProcess.ts';

/** Where a process is made to end itself as by kill -9; see crashingRun.ts. */
export type CrashPoint = 'after-claim' | 'after-fence' | 'after-commit' | 'after-flip';

export interface WarrenProcessOptions {
  configPath: string;
  environment: Record<string, string>;
  /** Called with every event, as it arrives. */
  onEvent: (event: WarrenEvent) => void;
  crashAt?: CrashPoint | undefined;
}

/** A running service, with what it said. */
export interface WarrenProcess {
  readonly events: readonly WarrenEvent[];
  /** The first event from `since` (an index into `events`) that matches, once it is there. Rejects after `timeoutMs`. */
  until(matches: (event: WarrenEvent) => boolean, options: UntilOptions): Promise<WarrenEvent>;
  /** Resolves when the process has ended, whatever ended it, with what it complained of. */
  readonly ended: Promise<string>;
  /** Ends it in order, or after a while at once. */
  stop(): Promise<void>;
}

export interface UntilOptions {
  what: string;
  timeoutMs: number;
  since: number;
}

const crashingRun = moduleFile('crashingRun', import.meta.url);

/** Starts the same service that people run, and remembers what it says. */
export function startWarren({ configPath, environment, onEvent, crashAt }: WarrenProcessOptions): WarrenProcess {
  const events: WarrenEvent[] = [];
  const listeners = new Set<() => void>();
  const service = startService({
    configPath,
    environment,
    ...(crashAt ? { words: [crashingRun, crashAt, configPath] } : {}),
    onEvent(event) {
      events.push(event);
      onEvent(event);
      for (const listener of listeners) listener();
    },
  });

  async function until(matches: (event: WarrenEvent) => boolean, options: UntilOptions): Promise<WarrenEvent> {
    const { what, timeoutMs, since } = options;
    const waiting = Promise.withResolvers<WarrenEvent>();
    const check = () => {
      const found = events.slice(since).find(matches);
      if (found) waiting.resolve(found);
    };
    const late = () => waiting.reject(new Error(`not seen within ${Math.round(timeoutMs / 1_000)} s: ${what}`));
    const timer = setTimeout(late, timeoutMs);
    listeners.add(check);
    void service.ended.then((complaint) =>
      waiting.reject(new Error(`warren ended while waiting for ${what}. ${complaint}`.trim())),
    );
    check();
    try {
      return await waiting.promise;
    } finally {
      clearTimeout(timer);
      listeners.delete(check);
    }
  }

  return { events, until, ended: service.ended, stop: service.stop };
}
