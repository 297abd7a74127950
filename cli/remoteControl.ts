import type { Control } from '../core/flow/control/control.ts';
import { createChanging } from './remoteControlChanging.ts';
import { createClient, type RemoteOptions } from './remoteControlClient.ts';
import { createReading } from './remoteControlReading.ts';

export type { RemoteOptions } from './remoteControlClient.ts';

/**
 * Control over the HTTP API of a Warren elsewhere. Who asks is whom its token or its signature names there: callers that are given
 * here are not sent. A change whose answer was lost is asked for again under the same idempotency key, so that it is made once.
 * Every method may reject with CommandError as well: the API cannot be reached, or does not let this caller in.
 */
export function createRemoteControl(options: RemoteOptions): Control {
  const client = createClient(options);
  return { ...createReading(client), ...createChanging(client), close: () => client.close() };
}
