import { describe, expect, test } from '@jest/globals';
import { isWithin } from '../../../../core/flow/control/window.ts';

describe('a window', () => {
  test.each([
    ['Sat 02:00-04:00', '2026-11-21T02:00Z', true],
    ['Sat 02:00-04:00', '2026-11-21T03:59:59Z', true],
    ['Sat 02:00-04:00', '2026-11-21T04:00Z', false],
    ['Sat 02:00-04:00', '2026-11-21T01:59Z', false],
    ['Sat 02:00-04:00', '2026-11-22T03:00Z', false],
    ['Fri 23:00-01:00', '2026-11-20T23:30Z', true],
    ['Fri 23:00-01:00', '2026-11-21T00:30Z', true],
    ['Fri 23:00-01:00', '2026-11-20T00:30Z', false],
    ['Sat 23:00-01:00', '2026-11-22T00:59Z', true],
    ['Sat 23:00-01:00', '2026-11-22T01:00Z', false],
  ])('%s: is %s within it? %s', (window, moment, expected) => {
    expect(isWithin([window], Date.parse(moment))).toBe(expected);
  });

  test('is any time when there is none, and one of several is enough', () => {
    const saturdayMs = Date.parse('2026-11-21T03:00Z');
    expect(isWithin([], saturdayMs)).toBe(true);
    expect(isWithin(['Mon 02:00-04:00', 'Sat 02:00-04:00'], saturdayMs)).toBe(true);
  });
});
