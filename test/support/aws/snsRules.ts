import { Refusal } from './refusal.ts';

/**
 * What SNS refuses of a Publish. "API": SNS API reference, Publish (the SDK carries its text, `PublishInput`).
 * "Guide": SNS developer guide, "Message attribute items and validation". "LocalStack": its snapshots of the real
 * service's answers, tests/aws/services/sns. Where sources differ, the stricter one holds here.
 */
export class SnsRefusal extends Refusal {}

export interface Attribute {
  type: string;
  value: string;
}

/** One accepted message. */
export interface Published {
  topic: string;
  message: string;
  structure: string | null;
  subject: string | null;
  attributes: Record<string, Attribute>;
}

const bytesMax = 262_144;
const known = /^(Action|Version|TopicArn|Message|MessageStructure|Subject|MessageAttributes\.entry\.\d+\..+)$/;

/** Checks one request. @throws SnsRefusal */
export function publishedBy(form: URLSearchParams, topics: ReadonlySet<string>): Published {
  const unknown = [...form.keys()].find((key) => !known.test(key));
  if (unknown) throw new SnsRefusal(501, 'NotImplemented', `The stand-in does not know the parameter ${unknown}.`);
  const published = {
    topic: form.get('TopicArn') ?? '',
    message: form.get('Message') ?? '',
    structure: form.get('MessageStructure'),
    subject: form.get('Subject'),
    attributes: attributesOf(form),
  };
  // API, "Message": required. LocalStack, snapshot of an empty message.
  if (published.message === '') throw invalid('Empty message');
  checkSubject(published.subject);
  checkAttributes(published.attributes);
  checkSize(published);
  checkStructure(published);
  checkTopic(published.topic, topics);
  return published;
}

function invalid(what: string): SnsRefusal {
  return new SnsRefusal(400, 'InvalidParameter', `Invalid parameter: ${what}`);
}

/**
 * API, "Subject": no line breaks or control characters, less than 100 characters. Its older text, which many Regions may
 * still run: ASCII that begins with a letter, number or punctuation mark. Empty is refused too (localstack issue 597).
 */
function checkSubject(subject: string | null): void {
  if (subject !== null && !/^[!-~][ -~]{0,98}$/.test(subject)) throw invalid('Subject');
}

/** API, "Message": 262,144 bytes, not characters, of body and attributes together. LocalStack: the words. */
function checkSize({ message, attributes }: Published): void {
  const parts = [message, ...Object.entries(attributes).flatMap(([name, { type, value }]) => [name, type, value])];
  const bytes = parts.reduce((sum, part) => sum + Buffer.byteLength(part), 0);
  if (bytes > bytesMax) throw invalid('Message too long');
}

/** API, "MessageStructure" and "JSON-specific constraints"; values that are no strings are ignored. LocalStack: the words. */
function checkStructure({ structure, message }: Published): void {
  if (structure === null) return;
  if (structure !== 'json') throw invalid('MessageStructure');
  if (typeof objectOf(message).default !== 'string')
    throw invalid('Message Structure - No default entry in JSON message body');
}

function objectOf(message: string): Record<string, unknown> {
  try {
    const value = JSON.parse(message);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  } catch {}
  throw invalid('Message Structure - JSON message body failed to parse');
}

/** API, "Errors": NotFound, 404. LocalStack: the words, and that a topic of no ARN's form is an invalid parameter. */
function checkTopic(topic: string, topics: ReadonlySet<string>): void {
  if (topic === '') throw invalid('TopicArn or TargetArn Reason: no value for required parameter');
  if (!/^arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[\w-]{1,256}$/.test(topic)) throw invalid('TopicArn');
  if (!topics.has(topic)) throw new SnsRefusal(404, 'NotFound', 'Topic does not exist');
}

function attributesOf(form: URLSearchParams): Record<string, Attribute> {
  const attributes: Record<string, Attribute> = {};
  for (let place = 1; form.has(`MessageAttributes.entry.${place}.Name`); place += 1) {
    const of = (key: string) => form.get(`MessageAttributes.entry.${place}.${key}`) ?? '';
    attributes[of('Name')] = { type: of('Value.DataType'), value: of('Value.StringValue') };
  }
  return attributes;
}

/** Guide: the name's characters, length, full stops and reserved beginnings; type and value must not be empty. */
function checkAttributes(attributes: Record<string, Attribute>): void {
  for (const [name, { type, value }] of Object.entries(attributes)) {
    const wrong = (why: string) =>
      new SnsRefusal(400, 'ParameterValueInvalid', `The message attribute '${name}' ${why}.`);
    if (!/^(?!aws\.|amazon\.)[\w-]+(\.[\w-]+)*$/i.test(name) || name.length > 256) throw wrong('has an invalid name');
    if (type !== 'String')
      throw new SnsRefusal(501, 'NotImplemented', 'The stand-in only knows attributes of type String.');
    if (value === '')
      throw wrong(`must contain non-empty message attribute value for message attribute type '${type}'`);
  }
}
