import { EventEmitter } from 'node:events';
import { expect, test } from '@jest/globals';
import { createRecordingNotifier } from '../../adapters/memory/notifier.ts';
import { tellStrayErrors } from '../../cli/strayErrors.ts';

test.each(['uncaughtException', 'unhandledRejection'])(
  'a local service tells of %s by its kind and its place, and nothing that it says',
  (event) => {
    const emitter = new EventEmitter();
    const notifier = createRecordingNotifier();
    tellStrayErrors(emitter, notifier);
    emitter.emit(event, new TypeError('cannot read amqp://monitor:hunter2@mq.example.com'));
    const place = expect.stringMatching(/strayErrors\.test\.ts:\d+:\d+/);
    const [told, ...others] = notifier.events;
    expect(told).toMatchObject({
      kind: 'alert',
      severity: 'critical',
      sentence: 'An error in Warren that no watch expected (TypeError). The watches go on.',
      data: { error: 'TypeError', stack: expect.arrayContaining([place]) },
    });
    expect(others).toEqual([]);
    expect(JSON.stringify(told)).not.toContain('hunter2');
  },
);
