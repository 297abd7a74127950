import type { SNSClient } from '@aws-sdk/client-sns';
import type { Clock, Random } from '../../core/flow/ports.ts';
import type { SnsConfig } from '../../core/model/config.ts';
import type { WarrenEvent } from '../../core/model/event.ts';
import { retryOf } from '../aws/failure.ts';
import { clientSettings, openedOnce } from '../aws/requests.ts';
import { createDelivery, type Delivery, type OnUndelivered, Refused } from './delivery.ts';
import { snsMessage } from './snsMessage.ts';
import { shortened } from './text.ts';

export interface SnsOptions {
  config: SnsConfig;
  clock: Clock;
  random: Random;
  onUndelivered: OnUndelivered;
  /** Loads what is used of the SDK, and opens a client. @default one in the topic's Region */
  open?: () => Promise<Opened>;
}

interface Opened {
  sdk: typeof import('./snsSdk.ts');
  client: SNSClient;
}

const reasonLengthMax = 200;

/**
 * Publishes events to an SNS topic, in the topic's Region. Credentials and the endpoint are found by the AWS SDK as it
 * always does, so `AWS_ENDPOINT_URL_SNS` is heard. The SDK is loaded with the first event: most have no such topic.
 */
export function createSnsNotifier(options: SnsOptions): Delivery {
  const { config, clock, random, onUndelivered, open = () => openClient(config.topic) } = options;
  const opening = openedOnce({ open, close: ({ client }) => client.destroy() });

  async function send(event: WarrenEvent, abortSignal: AbortSignal): Promise<void> {
    const { sdk, client } = await opening.get();
    const command = new sdk.PublishCommand(snsMessage(config.topic, event));
    await client.send(command, { abortSignal }).catch((error) => {
      throw explained(error, abortSignal);
    });
  }

  const delivery = createDelivery({ severity: config.severity, send, clock, random, onUndelivered });
  return {
    ...delivery,
    async close(withinMs) {
      await delivery.close(withinMs);
      await opening.close();
    },
  };
}

async function openClient(topic: string): Promise<Opened> {
  const sdk = await import('./snsSdk.ts');
  const [, , , region = ''] = topic.split(':');
  return { sdk, client: new sdk.SNSClient({ region, ...clientSettings }) };
}

/** What the SDK says of a request that went wrong; a part of it only where there was no answer. */
interface SdkError {
  name?: string;
  message?: string;
  code?: string;
  $metadata?: { httpStatusCode?: number };
}

/** Refusals that pass, by the error codes of SNS (API reference, Publish, "Errors", and "Common Errors"). */
const passing = /throttl|RequestLimitExceeded|ExpiredToken|RequestExpired|InternalError|InternalFailure|Unavailable/i;

/** The SDK's own errors that say nothing more than the status does. */
const wordless = ['Error', 'SyntaxError', 'Unknown', 'UnknownError'];

/** In a sentence, and as Refused where sending it again would not help. */
function explained(error: SdkError, signal: AbortSignal): Error {
  if (signal.aborted) return new Error('no answer in time');
  const { name = 'Error', message = '', code, $metadata: { httpStatusCode: status } = {} } = error;
  const words = shortened(`${name}: ${message}`, reasonLengthMax);
  if (status === undefined) return new Error(code === undefined ? words : `no answer (${code})`);
  const sentence = wordless.includes(name) ? `answered ${status}` : `answered ${status} ${words}`;
  const mayPass = passing.test(name) || retryOf(error).retry !== 'never';
  return mayPass ? new Error(sentence) : new Refused(sentence);
}
