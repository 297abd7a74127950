import type { Notifier } from '../core/flow/ports.ts';
import type { WarrenEvent } from '../core/model/event.ts';
import { colourBySeverity, dim, oneLine, print, printJson } from './layout.ts';
import { dateAndTime, timeOfDay } from './moment.ts';

/** Prints one line per event: a sentence with its local time, or the event as JSON. */
export function createPrinter({ json, severalPairs }: { json: boolean; severalPairs: boolean }): Notifier {
  if (json) return { notify: printJson };
  return { notify: (event) => print(eventLine(event, severalPairs)) };
}

/** `14:03:22 demo  beijing is down: …`. A log that is kept has the date too. */
export function eventLine(event: WarrenEvent, withPair: boolean): string {
  const time = process.stdout.isTTY ? timeOfDay(event.atMs) : dateAndTime(event.atMs);
  const pair = withPair && event.pair !== '' ? `${event.pair}  ` : '';
  return `${dim(time)} ${pair}${colourBySeverity(event.severity, oneLine(event.sentence))}`;
}
