import type { Notifier } from '../core/flow/ports.ts';
import type { WarrenEvent } from '../core/model/event.ts';
import { colourBySeverity, dim, oneLine, print, printJson } from './layout.ts';
import { dateAndTime, timeOfDay } from './moment.ts';

/** Prints one line per event: a sentence with its local time, or the event as JSON. */
export function createPrinter({ json, severalPairs }: { json: boolean; severalPairs: boolean }): Notifier {
  if (json) return { notify: printJson };
  return withoutRepeats((event) => print(eventLine(event, severalPairs)));
}

/** How long a change of health waits for the decision that may say the same. */
const holdMs = 20;

/** For readers: a decision often begins with the very sentence that just told the change of health; it is said once. */
export function withoutRepeats(tell: (event: WarrenEvent) => void): Notifier {
  let held: WarrenEvent[] = [];
  let timer: NodeJS.Timeout | undefined;
  const release = () => {
    clearTimeout(timer);
    for (const event of held.splice(0)) tell(event);
  };
  return {
    notify(event) {
      if (event.kind === 'health') {
        held.push(event);
        timer ??= setTimeout(release, holdMs);
        timer.refresh();
        return;
      }
      held = held.filter(({ sentence }) => event.kind !== 'decision' || !event.sentence.startsWith(sentence));
      release();
      tell(event);
    },
  };
}

/** `14:03:22 demo  beijing is down: …`. A log that is kept has the date too. */
export function eventLine(event: WarrenEvent, withPair: boolean): string {
  const time = process.stdout.isTTY ? timeOfDay(event.atMs) : dateAndTime(event.atMs);
  const pair = withPair && event.pair !== '' ? `${event.pair}  ` : '';
  return `${dim(time)} ${pair}${colourBySeverity(event.severity, oneLine(event.sentence))}`;
}
