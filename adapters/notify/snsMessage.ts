import type { PublishCommandInput } from '@aws-sdk/client-sns';
import type { WarrenEvent } from '../../core/model/event.ts';
import { shortened } from './text.ts';

/** SNS takes 262,144 bytes of message and attributes together (API reference, Publish, `Message`). */
const bytesMax = 262_144;
/** What the names, types and values of the attributes take, with room to spare. */
const attributesBytesMax = 1_024;
/** "Less than 100 characters long" (API reference, Publish, `Subject`). */
const subjectLengthMax = 99;

/** Stands for all pairs in the attribute `pair`, which must not be empty; no pair can have this name. */
const everyPair = '*';

/** The protocols behind which there is a program. People (email, SMS) get the `default`. */
const programs = ['http', 'https', 'lambda', 'sqs', 'firehose'];

/**
 * What SNS is asked to publish: the sentence for people, the whole event as JSON for programs, and the attributes `pair`
 * (`*`: what concerns no single pair), `kind` and `severity`, so that subscriptions can filter.
 */
export function snsMessage(topic: string, event: WarrenEvent): PublishCommandInput {
  const { pair, kind, severity, sentence } = event;
  const text = pair ? `${pair}: ${sentence}` : sentence;
  return {
    TopicArn: topic,
    Subject: subjectOf(`Warren ${severity}: ${text}`),
    MessageStructure: 'json',
    Message: bodyOf(text, event),
    MessageAttributes: {
      pair: { DataType: 'String', StringValue: pair || everyPair },
      kind: { DataType: 'String', StringValue: kind },
      severity: { DataType: 'String', StringValue: severity },
    },
  };
}

/** ASCII, which every mail program shows. It begins with a letter of ours. */
function subjectOf(text: string): string {
  const ascii = shortened(text, text.length)
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/[^ -~]/g, '?');
  return ascii.length <= subjectLengthMax ? ascii : `${ascii.slice(0, subjectLengthMax - 3)}...`;
}

/** Without its data where the whole would be refused for its size: better the sentence alone than nothing. */
function bodyOf(text: string, event: WarrenEvent): string {
  const whole = byProtocol(text, JSON.stringify(event));
  if (Buffer.byteLength(whole) + attributesBytesMax <= bytesMax) return whole;
  return byProtocol(text, JSON.stringify({ ...event, data: { omitted: 'too much for SNS' } }));
}

function byProtocol(text: string, json: string): string {
  return JSON.stringify({ default: text, ...Object.fromEntries(programs.map((protocol) => [protocol, json])) });
}
