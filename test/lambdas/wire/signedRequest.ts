/** Whom IAM let through. */
export const ann = 'arn:aws:iam::123456789012:user/ann';

/** A request as API Gateway passes it on, once IAM has let it pass (payload version 2.0). */
export function signedRequest(method: string, path: string, body?: unknown) {
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath: path,
    rawQueryString: '',
    headers: {
      host: 'api.example',
      'content-type': 'application/json',
      'idempotency-key': `once${path.replaceAll(/\W+/g, '-')}`,
    },
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
    },
    isBase64Encoded: false,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  };
}
