import { EventEmitter } from 'node:events';
import { expect, test } from '@jest/globals';
import { logStrayErrors } from '../../../lambdas/watch/strayErrors.ts';

interface Line {
  message: string;
  error: string;
  stack?: string[];
}

function emitting(event: string, error: unknown): Line[] {
  const lines: Line[] = [];
  const emitter = new EventEmitter();
  logStrayErrors(emitter, {
    error: (message: unknown, more: object) => void lines.push({ message, ...more } as Line),
  } as never);
  emitter.emit(event, error);
  return lines;
}

const secret = 'amqp://monitor:hunter2@mq.example.com\n    at hunter2 (hunter2:1:1)';

test.each(['uncaughtException', 'unhandledRejection'])(
  '%s is logged by its kind and its place, and the watch goes on',
  (event) => {
    const [line, ...others] = emitting(event, new TypeError(`cannot read ${secret}`));
    expect(line).toMatchObject({
      message: 'An error in Warren that no watch expected. The watches go on.',
      error: 'TypeError',
    });
    expect(line?.stack?.[0]).toMatch(/strayErrors\.test\.ts:\d+:\d+/);
    expect(others).toEqual([]);
  },
);

test.each([
  ['an error', new Error(secret)],
  ['an error that was renamed after it was thrown', Object.assign(new Error('hunter2'), { message: 'another' })],
  ['an error that says nothing', new Error()],
  ['an error with a stack that is none', Object.assign(new Error(secret), { stack: 1 })],
  ['a text', secret],
  ['an error with another behind it', new Error('outer', { cause: new Error(secret) })],
  ['an error that carries an answer', Object.assign(new Error('answer'), { response: secret })],
])('of %s nothing is logged that it says', (_what, error) => {
  expect(JSON.stringify(emitting('uncaughtException', error))).not.toContain('hunter2');
});
