import type { SwitchCopyConfig } from '../../../core/model/targets/route53Health.ts';
import { explained, type Refusal, ServiceFailure } from '../../aws/failure.ts';

/**
 * Why a request to S3 went wrong, in one sentence. It also says `outdated` where the object is not as the request says, and
 * `missing` where there is none.
 */
export class S3Failure extends ServiceFailure<'outdated' | 'missing'> {
  override readonly name = 'S3Failure';
}

/** @param action such as `s3:GetObject` */
export function failureOf(error: unknown, action: string, copy: SwitchCopyConfig): S3Failure {
  const service = `S3 in ${copy.region}`;
  return new S3Failure(...explained(error, { service, action, facts: { action, copy }, refusals }));
}

/** S3 API reference, "Error responses", and "Errors" of PutObject and GetObject. None of these changes anything. */
const refusals: Refusal<{ action: string; copy: SwitchCopyConfig }, 'outdated' | 'missing'>[] = [
  {
    names: /^(SlowDown|ServiceUnavailable|RequestLimitExceeded|Throttling\w*|TooManyRequests\w*)$/,
    retry: 'slow-down',
    sentence: ({ action, copy }) => `S3 in ${copy.region} throttles ${action}`,
  },
  {
    names: /^(PreconditionFailed|ConditionalRequestConflict)$/,
    retry: 'outdated',
    sentence: ({ copy, words }) => `somebody else wrote ${nameOf(copy)} meanwhile (${words})`,
  },
  { names: /^NoSuchKey$/, retry: 'missing', sentence: ({ copy }) => `there is no object ${nameOf(copy)}` },
  { names: /^NoSuchBucket$/, retry: 'never', sentence: ({ copy }) => `there is no bucket ${copy.bucket}` },
  {
    names: /^(PermanentRedirect|AuthorizationHeaderMalformed|IllegalLocationConstraintException)$/,
    retry: 'never',
    sentence: ({ copy }) => `the bucket ${copy.bucket} is not in ${copy.region}`,
  },
  {
    // GetObject, "Permissions": without s3:ListBucket nobody is told that an object is not there.
    names: /^AccessDenied(Exception)?$/,
    retry: 'never',
    sentence: ({ action, copy }) =>
      `IAM does not allow ${action} on ${nameOf(copy)}${action === 's3:GetObject' ? ', or it is not there and s3:ListBucket is not allowed' : ''}`,
  },
  {
    names:
      /^(Expired\w*|InvalidAccessKeyId|InvalidToken|SignatureDoesNotMatch|RequestTimeTooSkewed|UnrecognizedClient)/,
    retry: 'never',
    sentence: ({ words }) => `AWS does not accept the credentials: ${words}`,
  },
];

function nameOf({ bucket, key }: SwitchCopyConfig): string {
  return `${bucket}/${key}`;
}
