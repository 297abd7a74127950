import { gatewayEvent } from '../gatewayEvent.ts';

/** What a person's command sends, as API Gateway passes it on. */
export function signedRequest(method: string, path: string, body?: unknown) {
  return gatewayEvent(method, path, {
    headers: { 'content-type': 'application/json', 'idempotency-key': `once${path.replaceAll(/\W+/g, '-')}` },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
}
