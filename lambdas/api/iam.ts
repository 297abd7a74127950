import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import type { Authorize } from './authorize.ts';

/** What API Gateway has verified of a request that is signed (developer guide, "Payload format version 2.0"). */
type Authorizer = { iam?: { userArn?: string } };

/**
 * Callers as IAM knows them, by ARN, with every scope: who may call which route is said by IAM policies on
 * `execute-api:Invoke`, and not a second time here. Nobody is known without IAM authorization on the route.
 */
export const authorizeByIam: Authorize = async ({ environment: { event } }) => {
  const { authorizer } = (event?.requestContext ?? {}) as APIGatewayProxyEventV2['requestContext'] & {
    authorizer?: Authorizer;
  };
  const who = authorizer?.iam?.userArn;
  return who ? { who, scope: 'admin' } : null;
};
