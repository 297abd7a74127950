import { expect, test } from '@jest/globals';
import { loggedError } from '../../../lambdas/shared/loggedError.ts';

const here = /loggedError\.test\.ts:\d+:\d+/;

test.each([
  ['says nothing', new TypeError('')],
  ['says a part of a path', new TypeError('loggedError')],
  ['says what every line of a stack has', new TypeError(':')],
  ['was renamed', Object.assign(new TypeError('one'), { message: 'another' })],
])('an error that %s is logged with the whole way it came', (_what, error) => {
  const { error: kind, stack = [] } = loggedError(error);
  expect(kind).toBe('TypeError');
  expect(stack[0]).toMatch(here);
  expect(stack.length).toBeGreaterThan(1);
});

test('lines of the message that look like places are not logged', () => {
  const [first] = loggedError(new Error('no\n    at hunter2 (hunter2:1:1)\n    at hunter2 (hunter2:1:1)')).stack ?? [];
  expect(first).toMatch(here);
});
