import type { IncomingMessage, ServerResponse } from 'node:http';
import { escapeXml } from './elbv2Form.ts';
import { operationOf as route53OperationOf } from './route53Zone.ts';
import { placeOf } from './s3Rules.ts';

/** The APIs that Warren uses, by the names they are signed for; IAM calls them the same. */
export type Service = keyof typeof wires;

/** A request to an API of AWS, as it can be told from its form alone. */
export interface AwsRequest {
  service: Service;
  /** Of whoever signed it. */
  keyId: string;
  operation: string;
  path: string;
  body: string;
}

/** An error as an API answers with it. */
export interface AwsError {
  status: number;
  /** With the name space that APIs with JSON put before it. */
  code: string;
  message?: string;
}

interface Wire {
  /** Errors as JSON (`__type`), as XML (`ErrorResponse`), or as S3 does (`Error`). */
  errors: 'json' | 'xml' | 's3';
  throttled: AwsError;
  failed: AwsError;
  denied: AwsError;
}

const dynamodbError = (name: string) => `com.amazonaws.dynamodb.v20120810#${name}`;

/** API reference of each service: "Errors" of its operations, and "Common Errors". */
const wires = {
  dynamodb: {
    errors: 'json',
    throttled: { status: 400, code: dynamodbError('ProvisionedThroughputExceededException') },
    failed: { status: 500, code: dynamodbError('InternalServerError') },
    denied: { status: 400, code: 'com.amazon.coral.service#AccessDeniedException' },
  },
  route53: {
    errors: 'xml',
    throttled: { status: 400, code: 'Throttling' },
    failed: { status: 500, code: 'InternalFailure' },
    denied: { status: 403, code: 'AccessDenied' },
  },
  elasticloadbalancing: {
    errors: 'xml',
    throttled: { status: 400, code: 'Throttling' },
    failed: { status: 500, code: 'InternalFailure' },
    denied: { status: 403, code: 'AccessDenied' },
  },
  s3: {
    errors: 's3',
    throttled: { status: 503, code: 'SlowDown' },
    failed: { status: 500, code: 'InternalError' },
    denied: { status: 403, code: 'AccessDenied' },
  },
  sns: {
    errors: 'xml',
    throttled: { status: 400, code: 'Throttling' },
    failed: { status: 500, code: 'InternalError' },
    denied: { status: 403, code: 'AuthorizationError' },
  },
  secretsmanager: {
    errors: 'json',
    throttled: { status: 400, code: 'ThrottlingException' },
    failed: { status: 500, code: 'InternalServiceError' },
    denied: { status: 400, code: 'AccessDeniedException' },
  },
  ssm: {
    errors: 'json',
    throttled: { status: 400, code: 'ThrottlingException' },
    failed: { status: 500, code: 'InternalServerError' },
    denied: { status: 400, code: 'AccessDeniedException' },
  },
} as const satisfies Record<string, Wire>;

/** What a request asks for; null: it is not signed for any of these APIs. */
export function requestOf(incoming: IncomingMessage, body: string): AwsRequest | null {
  const { headers, url: path = '' } = incoming;
  const [, keyId = '', service = ''] =
    headers.authorization?.match(/^AWS4-HMAC-SHA256 Credential=([^/]+)\/\d{8}\/[^/]+\/([^/]+)\//) ?? [];
  return service in wires
    ? { service: service as Service, keyId, operation: operationOf(incoming, service, body), path, body }
    : null;
}

/** By path for Route 53, by method and path for S3, by header for APIs with JSON, by `Action` for those that take a form. */
function operationOf(incoming: IncomingMessage, service: string, body: string): string {
  if (service === 'route53') return route53OperationOf(incoming) ?? '';
  if (service === 's3') return placeOf(incoming).operation ?? '';
  const target = incoming.headers['x-amz-target'];
  return target === undefined ? (new URLSearchParams(body).get('Action') ?? '') : String(target).replace(/^.*\./, '');
}

/** The error with which an API answers this request when something is so. */
export function errorOf(kind: 'throttled' | 'failed' | 'denied', { service, operation }: AwsRequest): AwsError {
  const messages = {
    throttled: 'Rate exceeded',
    failed: 'Internal failure',
    denied: `User: arn:aws:iam::123456789012:user/warren is not authorized to perform: ${service}:${operation}`,
  };
  return { ...wires[service][kind], message: messages[kind] };
}

/** Answers in the form of the service. */
export function answerError(response: ServerResponse, service: Service, error: AwsError): void {
  const { status, code, message = '' } = error;
  if (wires[service].errors === 'json') {
    response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' });
    response.end(JSON.stringify({ __type: code, message }));
    return;
  }
  if (wires[service].errors === 's3') {
    response.writeHead(status, { 'content-type': 'application/xml' });
    response.end(`<Error><Code>${code}</Code><Message>${escapeXml(message)}</Message></Error>`);
    return;
  }
  const type = status < 500 ? 'Sender' : 'Receiver';
  const detail = `<Error><Type>${type}</Type><Code>${code}</Code><Message>${escapeXml(message)}</Message></Error>`;
  response.writeHead(status, { 'content-type': 'text/xml' });
  response.end(`<ErrorResponse>${detail}<RequestId>00000000-0000-0000-0000-000000000000</RequestId></ErrorResponse>`);
}
