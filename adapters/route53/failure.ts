import { explained, type Refusal, ServiceFailure } from '../aws/failure.ts';

/**
 * Why a request to Route 53 went wrong, in one sentence. It also says `slow-down` of an earlier request that is not complete, and
 * `outdated` where the zone is not as the request says.
 */
export class Route53Failure extends ServiceFailure<'outdated'> {
  override readonly name = 'Route53Failure';
}

/** @param action such as `route53:GetChange` @param zone what it was about */
export function failureOf(error: unknown, action: string, zone: string): Route53Failure {
  return new Route53Failure(...explained(error, { service: 'Route 53', action, facts: { action, zone }, refusals }));
}

/** Route 53 API reference, "Errors" of each operation, and "Common Errors". None of these changes anything. */
const refusals: Refusal<{ action: string; zone: string }, 'outdated'>[] = [
  {
    names: /^(Throttling|ThrottlingException|ThrottledException|TooManyRequestsException)$/,
    retry: 'slow-down',
    sentence: ({ action }) => `Route 53 throttles ${action} (5 requests a second for the whole account)`,
  },
  {
    names: /^PriorRequestNotComplete$/,
    retry: 'slow-down',
    sentence: ({ zone }) => `Route 53 is still working on an earlier change of zone ${zone}`,
  },
  {
    names: /^InvalidChangeBatch$/,
    retry: 'outdated',
    sentence: ({ words }) => `Route 53 refused the batch: ${words}`,
  },
  {
    names: /^AccessDenied(Exception)?$/,
    retry: 'never',
    sentence: ({ action, zone }) => `IAM does not allow ${action} on zone ${zone}`,
  },
  { names: /^NoSuchHostedZone$/, retry: 'never', sentence: ({ zone }) => `there is no hosted zone ${zone}` },
];
