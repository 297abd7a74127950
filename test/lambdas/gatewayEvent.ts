import type { APIGatewayProxyEventV2 } from 'aws-lambda';

/** Whom IAM let through. */
export const ann = 'arn:aws:iam::123456789012:user/ann';

export interface GatewayEventMore {
  query?: string;
  body?: string | undefined;
  isBase64Encoded?: boolean;
  headers?: Record<string, string>;
}

/** An event of an HTTP API with IAM authorization, as API Gateway sends it once IAM has let it pass (payload version 2.0). */
export function gatewayEvent(method: string, path: string, more: GatewayEventMore = {}): APIGatewayProxyEventV2 {
  const { query = '', body, isBase64Encoded = false, headers = {} } = more;
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath: path,
    rawQueryString: query,
    headers: { host: 'api.example', authorization: 'AWS4-HMAC-SHA256 Signature=secret', ...headers },
    requestContext: {
      accountId: '123456789012',
      apiId: 'api',
      authorizer: { iam: { userArn: ann } },
      domainName: 'api.example',
      domainPrefix: 'api',
      http: { method, path, protocol: 'HTTP/1.1', sourceIp: '203.0.113.7', userAgent: 'curl' },
      requestId: 'JKJaXmPLvHcESHA=',
      routeKey: '$default',
      stage: '$default',
      time: '',
      timeEpoch: 0,
    } as APIGatewayProxyEventV2['requestContext'],
    isBase64Encoded,
    ...(body !== undefined && { body }),
  };
}
