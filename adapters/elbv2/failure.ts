import { explained, type Refusal, ServiceFailure } from '../aws/failure.ts';

/** Why a request to Elastic Load Balancing went wrong, in one sentence. */
export class Elbv2Failure extends ServiceFailure {
  override readonly name = 'Elbv2Failure';
}

/** @param operation such as `ModifyListener` @param arn what it was about */
export function failureOf(error: unknown, operation: string, arn: string): Elbv2Failure {
  const action = `elasticloadbalancing:${operation}`;
  const asked = { service: 'Elastic Load Balancing', action, facts: { action, arn }, refusals };
  return new Elbv2Failure(...explained(error, asked));
}

const notAllowed = /^(AccessDenied(Exception)?|UnauthorizedOperation)$/;

/** IAM has said no, and will say the same of the next request. */
export function isNotAllowed(error: unknown): boolean {
  return error instanceof Elbv2Failure && error.cause instanceof Error && notAllowed.test(error.cause.name);
}

/** Elastic Load Balancing API reference, "Errors" of each operation, and "Common Errors". None of these changes anything. */
const refusals: Refusal<{ action: string; arn: string }>[] = [
  {
    names: /^(Throttling|ThrottlingException|ThrottledException|TooManyRequestsException|RequestLimitExceeded)$/,
    retry: 'slow-down',
    sentence: ({ action }) => `Elastic Load Balancing throttles ${action}`,
  },
  {
    names: /^PriorRequestNotComplete/,
    retry: 'slow-down',
    sentence: ({ arn }) => `Elastic Load Balancing is still working on an earlier change of ${arn}`,
  },
  {
    names: notAllowed,
    retry: 'never',
    sentence: ({ action, arn }) => `IAM does not allow ${action} on ${arn}`,
  },
  { names: /^ListenerNotFound/, retry: 'never', sentence: ({ arn }) => `there is no listener ${arn}` },
  { names: /^RuleNotFound/, retry: 'never', sentence: ({ arn }) => `there is no rule ${arn}` },
  {
    names: /^TargetGroupNotFound/,
    retry: 'never',
    sentence: ({ action, arn }) =>
      arn.includes(':targetgroup/') ? `there is no target group ${arn}` : `a target group of ${action} does not exist`,
  },
];
