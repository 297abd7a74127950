import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { APIGatewayProxyEventV2, Context } from 'aws-lambda';
import type { ApiGatewayHandler } from '../../../lambdas/shared/stack.ts';
import { type Key, type Received, verifySignature } from './signature.ts';

export interface GatewayOptions {
  region: string;
  /** Whoever IAM lets in, by the id of their key, with their ARN. */
  callers: Record<string, Key & { arn: string }>;
  handler: ApiGatewayHandler;
}

/** An HTTP API of API Gateway with IAM authorization, in front of a function. */
export interface Gateway {
  url: string;
  /** What was asked, also in vain, and why it was refused. */
  readonly asked: (Received & { refused: string | null })[];
  /** How far its clock is ahead of this machine's. */
  clockAheadMs: number;
  /** So many answers are lost on their way. */
  losing: number;
  close(): Promise<void>;
}

/** Refuses as API Gateway does: with 403 and `Forbidden`, whatever was wrong. */
export async function startGateway({ region, callers, handler }: GatewayOptions): Promise<Gateway> {
  const server = createServer((request, response) => void answer(request, response));
  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const received = await receivedOf(request);
    const nowMs = Date.now() + gateway.clockAheadMs;
    response.setHeader('date', new Date(nowMs).toUTCString());
    try {
      const keyId = verifySignature(received, { service: 'execute-api', region, keys: callers, nowMs });
      gateway.asked.push({ ...received, refused: null });
      const arn = callers[keyId]?.arn ?? '';
      const answered = await handler(eventOf(received, arn), { getRemainingTimeInMillis: () => 10_000 } as Context);
      const headers = Object.entries(answered.headers ?? {}).map(([name, value]) => [name, String(value)] as const);
      if (gateway.losing > 0) {
        gateway.losing -= 1;
        request.socket.resetAndDestroy();
      } else response.writeHead(answered.statusCode ?? 500, Object.fromEntries(headers)).end(answered.body);
    } catch (error) {
      gateway.asked.push({ ...received, refused: (error as Error).message });
      response.writeHead(403, { 'content-type': 'application/json' }).end('{"message":"Forbidden"}');
    }
  }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const gateway: Gateway = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked: [],
    clockAheadMs: 0,
    losing: 0,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return gateway;
}

async function receivedOf(request: IncomingMessage): Promise<Received> {
  const { method = '', url = '', headers } = request;
  return { method, target: url, headers: headers as Received['headers'], body: await text(request) };
}

/** Developer guide, "Working with AWS Lambda proxy integrations for HTTP APIs": payload format version 2.0. */
function eventOf({ method, target, headers, body }: Received, userArn: string): APIGatewayProxyEventV2 {
  const [rawPath = '', rawQueryString = ''] = target.split('?', 2);
  return {
    version: '2.0',
    routeKey: 'ANY /{proxy+}',
    rawPath,
    rawQueryString,
    headers: headers as Record<string, string>,
    requestContext: {
      accountId: '123456789012',
      apiId: 'api',
      authorizer: { iam: { userArn } },
      domainName: 'api.example',
      domainPrefix: 'api',
      http: { method, path: rawPath, protocol: 'HTTP/1.1', sourceIp: '203.0.113.7', userAgent: '' },
      requestId: 'JKJaXmPLvHcESHA=',
      routeKey: 'ANY /{proxy+}',
      stage: '$default',
      time: '',
      timeEpoch: 0,
    } as APIGatewayProxyEventV2['requestContext'],
    isBase64Encoded: false,
    ...(body !== '' && { body }),
  };
}
