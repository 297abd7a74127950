import type { Notifier } from '../../core/flow/ports.ts';
import type { WarrenEvent } from '../../core/model/event.ts';

export interface RecordingNotifier extends Notifier {
  /** Every event, in the order it was told. */
  readonly events: WarrenEvent[];
}

/** Keeps every event instead of telling anybody. */
export function createRecordingNotifier(): RecordingNotifier {
  const events: WarrenEvent[] = [];
  return { events, notify: (event) => void events.push(structuredClone(event)) };
}
