import type { Options } from 'amqplib';

/** The queue the clients use: replicated and durable, as a service that cares would declare it. */
export const queueOptions: Options.AssertQueue = { durable: true, arguments: { 'x-queue-type': 'quorum' } };

/** A message carries its number and the run it belongs to, so that what an earlier run left behind is not counted. */
export interface Numbered {
  readonly run: string;
  readonly number: number;
}

export function encode(message: Numbered): Buffer {
  return Buffer.from(JSON.stringify(message));
}

/** The number of a message of this run; undefined for any other. */
export function numberOf(content: Buffer, run: string): number | undefined {
  try {
    const message = JSON.parse(content.toString()) as Numbered;
    return message.run === run ? message.number : undefined;
  } catch {
    return undefined;
  }
}
