import type { IncomingMessage } from 'node:http';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';

/** What stands behind a request: a connection to this process, or an event of API Gateway. */
export interface RequestEnvironment {
  incoming?: IncomingMessage;
  event?: APIGatewayProxyEventV2;
}

/** The address a request came from, as the last hop knows it: what clients say of themselves is not believed. */
export function addressOf({ incoming, event }: RequestEnvironment): string {
  const address = event?.requestContext.http.sourceIp ?? incoming?.socket.remoteAddress ?? 'unknown';
  return address.replace(/^::ffff:(?=\d+\.)/, '');
}

/** The id API Gateway gave to a request; undefined: it came another way. */
export function requestIdOf({ event }: RequestEnvironment): string | undefined {
  return event?.requestContext.requestId;
}
