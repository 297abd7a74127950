import * as z from 'zod';
import { eventDetailType, eventSource } from './contract.ts';

/**
 * What EventBridge sends when an alarm changes its state (CloudWatch user guide, "Alarm events and EventBridge"), as far as it
 * is looked at. Composite alarms and those of metric math say the same.
 */
const schema = z.object({
  id: z.string().min(1).max(100),
  source: z.literal(eventSource),
  'detail-type': z.literal(eventDetailType),
  resources: z.array(z.string()).min(1),
  detail: z.object({
    alarmName: z.string().min(1),
    state: z.object({
      value: z.enum(['ALARM', 'OK', 'INSUFFICIENT_DATA']),
      reason: z.string().default(''),
      timestamp: z.string().refine((text) => !Number.isNaN(Date.parse(text))),
    }),
  }),
});

/** A change of an alarm's state. */
export interface AlarmChange {
  /** Of the event: the same when it is delivered again. */
  id: string;
  name: string;
  arn: string;
  state: 'ALARM' | 'OK' | 'INSUFFICIENT_DATA';
  reason: string;
  /** Wall-clock milliseconds, by CloudWatch. */
  atMs: number;
}

/** What came is no event of an alarm. */
export class MalformedEvent extends Error {
  override readonly name = 'MalformedEvent';
}

/** @throws MalformedEvent that names every part which is not as it should be */
export function alarmChangeOf(event: unknown): AlarmChange {
  const parsed = schema.safeParse(event);
  if (!parsed.success) {
    const parts = new Set(parsed.error.issues.map(({ path }) => path.map(String).join('.') || '(event)'));
    throw new MalformedEvent(`This is no ${eventDetailType} of EventBridge: look at ${[...parts].join(', ')}.`);
  }
  const { id, resources, detail } = parsed.data;
  const { value: state, reason, timestamp } = detail.state;
  return { id, name: detail.alarmName, arn: resources[0] ?? '', state, reason, atMs: Date.parse(timestamp) };
}
