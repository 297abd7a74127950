import { ListTopicsCommand, PublishCommand, type PublishCommandInput, SNSClient } from '@aws-sdk/client-sns';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type SnsStandIn, startSns } from './sns.ts';

const topic = 'arn:aws:sns:eu-central-1:123456789012:warren';

let sns: SnsStandIn;
let client: SNSClient;

const clientOf = (region: string, requestTimeout = 5_000) =>
  new SNSClient({
    region,
    endpoint: sns.url,
    maxAttempts: 1,
    credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'example' },
    requestHandler: { requestTimeout, throwOnRequestTimeout: true },
  });

beforeEach(async () => {
  sns = await startSns([topic]);
  client = clientOf('eu-central-1');
});
afterEach(async () => {
  client.destroy();
  await sns.close();
});

const publish = (change: Partial<PublishCommandInput> = {}) =>
  client.send(new PublishCommand({ TopicArn: topic, Message: 'hello', ...change }));

const attribute = (name: string, StringValue: string) => ({
  MessageAttributes: { [name]: { DataType: 'String', StringValue } },
});

describe('the stand-in of SNS, asked by the unmodified SDK,', () => {
  test('takes a message, keeps it, and gives it an id', async () => {
    const { MessageId } = await publish({ Subject: 'Hi', ...attribute('pair', 'trading') });
    expect(MessageId).toMatch(/^[0-9a-f-]{36}$/);
    expect(sns.published).toEqual([
      {
        topic,
        message: 'hello',
        structure: null,
        subject: 'Hi',
        attributes: { pair: { type: 'String', value: 'trading' } },
      },
    ]);
  });

  test('refuses every other operation clearly', async () => {
    await expect(client.send(new ListTopicsCommand())).rejects.toMatchObject({
      name: 'NotImplemented',
      message: 'The stand-in only knows Publish, not ListTopics.',
      $metadata: { httpStatusCode: 501 },
    });
  });

  test('refuses a parameter that it does not know', async () => {
    await expect(publish({ MessageGroupId: 'group' })).rejects.toMatchObject({ name: 'NotImplemented' });
  });

  const refused: [string, Partial<PublishCommandInput>, string, string][] = [
    ['an empty message', { Message: '' }, 'InvalidParameterException', 'Invalid parameter: Empty message'],
    [
      'more than 262,144 bytes, counted as bytes',
      { Message: 'é'.repeat(131_073) },
      'InvalidParameterException',
      'Invalid parameter: Message too long',
    ],
    [
      'attributes that make it too long',
      { Message: 'a'.repeat(262_144), ...attribute('pair', 'a') },
      'InvalidParameterException',
      'Invalid parameter: Message too long',
    ],
    ['an empty subject', { Subject: '' }, 'InvalidParameterException', 'Invalid parameter: Subject'],
    ['a subject of 100', { Subject: 'a'.repeat(100) }, 'InvalidParameterException', 'Invalid parameter: Subject'],
    ['a subject of two lines', { Subject: 'a\nb' }, 'InvalidParameterException', 'Invalid parameter: Subject'],
    ['a subject beyond ASCII', { Subject: 'é' }, 'InvalidParameterException', 'Invalid parameter: Subject'],
    [
      'a subject that begins with a space',
      { Subject: ' a' },
      'InvalidParameterException',
      'Invalid parameter: Subject',
    ],
    [
      'another structure than json',
      { MessageStructure: 'xml' },
      'InvalidParameterException',
      'Invalid parameter: MessageStructure',
    ],
    [
      'a structured message that is no JSON object',
      { MessageStructure: 'json', Message: '["default"]' },
      'InvalidParameterException',
      'Invalid parameter: Message Structure - JSON message body failed to parse',
    ],
    [
      'a structured message without a default text',
      { MessageStructure: 'json', Message: '{"default":1,"sqs":"a"}' },
      'InvalidParameterException',
      'Invalid parameter: Message Structure - No default entry in JSON message body',
    ],
    ['a topic that does not exist', { TopicArn: `${topic}2` }, 'NotFoundException', 'Topic does not exist'],
    ['a topic that is no ARN', { TopicArn: 'warren' }, 'InvalidParameterException', 'Invalid parameter: TopicArn'],
    [
      'an attribute without a value',
      attribute('pair', ''),
      'InvalidParameterValueException',
      "The message attribute 'pair' must contain non-empty message attribute value for message attribute type 'String'.",
    ],
    [
      'an attribute with a reserved name',
      attribute('AWS.pair', 'a'),
      'InvalidParameterValueException',
      "The message attribute 'AWS.pair' has an invalid name.",
    ],
  ];
  test.each(refused)('refuses %s', async (_, change, name, message) => {
    await expect(publish(change)).rejects.toMatchObject({ name, message });
    expect(sns.published).toEqual([]);
  });

  test('takes what is just within the limits', async () => {
    await publish({ Message: 'é'.repeat(131_072) });
    await publish({ Subject: 'a'.repeat(99) });
    await publish({ MessageStructure: 'json', Message: '{"default":""}' });
    expect(sns.published).toHaveLength(3);
  });

  test('refuses a signature for another Region than the topic is in', async () => {
    client.destroy();
    client = clientOf('us-east-1');
    await expect(publish()).rejects.toMatchObject({ name: 'SignatureDoesNotMatch' });
  });

  const refusedForms = [
    ['a request that is not signed', 'Action=Publish&Version=2010-03-31', 'MissingAuthenticationToken'],
    ['another version of the API', 'Action=Publish&Version=2009-01-01', 'NoSuchVersion'],
    ['a form that asks for nothing', 'Version=2010-03-31', 'MissingAction'],
  ] as const;
  test.each(refusedForms)('refuses %s', async (_, body, code) => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const response = await fetch(sns.url, { method: 'POST', body, headers });
    expect(await response.text()).toContain(`<Code>${code}</Code>`);
    expect(response.status).toBeGreaterThanOrEqual(400);
  });

  test('refuses what is no form', async () => {
    const response = await fetch(sns.url, { method: 'POST', body: '{}' });
    expect(await response.text()).toContain('<Code>MalformedQueryString</Code>');
  });

  const faults = [
    ['throttle', { name: 'Throttling', $metadata: { httpStatusCode: 400 } }],
    ['error', { name: 'InternalErrorException', $metadata: { httpStatusCode: 500 } }],
    ['unavailable', { name: 'ServiceUnavailable', $metadata: { httpStatusCode: 503 } }],
    ['html', { $metadata: { httpStatusCode: 502 } }],
    ['expired', { name: 'ExpiredToken', $metadata: { httpStatusCode: 403 } }],
    ['forbid', { name: 'AuthorizationErrorException', $metadata: { httpStatusCode: 403 } }],
    ['drop', { message: expect.stringContaining('socket hang up') }],
  ] as const;
  test.each(faults)('plays the fault "%s" on request, and takes nothing then', async (fault, expected) => {
    sns.faults = [fault];
    await expect(publish()).rejects.toMatchObject(expected);
    expect(sns.published).toEqual([]);
  });

  test('can take a message and drop the connection', async () => {
    sns.faults = ['take-and-drop'];
    await expect(publish()).rejects.toThrow('socket hang up');
    expect(sns.published).toHaveLength(1);
  });

  test('can be slow, and can say nothing at all', async () => {
    client.destroy();
    client = clientOf('eu-central-1', 200);
    sns.delayMs = 20;
    await publish();
    sns.faults = ['hang'];
    await expect(publish()).rejects.toMatchObject({ name: 'TimeoutError' });
  });
});
