import { describe, expect, test } from '@jest/globals';
import { oneLine, wrap } from '../../cli/layout.ts';
import { dateAndTime, parseMoment } from '../../cli/moment.ts';
import { withoutRepeats } from '../../cli/printer.ts';
import type { WarrenEvent } from '../../core/model/event.ts';

describe('a moment', () => {
  const nowMs = new Date(2026, 10, 22, 14, 30, 0).getTime();
  test.each([
    ['14:03', '2026-11-22 14:03:00'],
    ['14:03:22', '2026-11-22 14:03:22'],
    ['23:15', '2026-11-21 23:15:00'],
    ['10m', '2026-11-22 14:20:00'],
    ['2026-11-20', '2026-11-20 00:00:00'],
    ['2026-11-20 09:30', '2026-11-20 09:30:00'],
  ])('%s is read as %s', (text, expected) => {
    expect(dateAndTime(parseMoment(text, nowMs))).toBe(expected);
  });

  test.each(['', 'yesterday', '25:00', '14:61', '1', '2026-13-01'])('"%s" is refused', (text) => {
    expect(() => parseMoment(text, nowMs)).toThrow('is not a moment');
  });
});

describe('a line', () => {
  test('cannot steer the terminal', () => {
    expect(oneLine('red \u001b[31malert\u0007\nsecond\u009b2J line')).toBe('red alert second line');
  });

  test('breaks between words, and is indented from the second on', () => {
    expect(wrap('one two three four', 4, 13)).toBe('one two\n    three\n    four');
  });
});

describe('what is printed for people', () => {
  const event = (kind: WarrenEvent['kind'], sentence: string): WarrenEvent => ({
    atMs: 0,
    pair: 'demo',
    kind,
    severity: 'info',
    sentence,
    data: {},
  });

  test('says once what a change of health and the decision that follows have in common', () => {
    const said: string[] = [];
    const { notify } = withoutRepeats(({ sentence }) => said.push(sentence));
    notify(event('health', 'shanghai is up.'));
    notify(event('health', 'beijing is down.'));
    notify(event('decision', 'beijing is down. Traffic moves to shanghai.'));
    expect(said).toEqual(['shanghai is up.', 'beijing is down. Traffic moves to shanghai.']);
  });
});
