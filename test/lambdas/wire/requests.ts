import type { PairRecord } from '../../../core/model/record.ts';
import type { AwsRequest } from '../../support/aws/awsRequest.ts';
import { copiesOf, publishSwitch, topic } from './account.ts';
import { type PairChange, recordOf, values } from './support.ts';

/** One kind of request that a failover is made of, by what it means to Warren. */
export interface FailoverRequest {
  /** Goes on after "the request that". */
  does: string;
  operation: string;
  /** A new judge of requests: is it this one, of this pair? Is shown every request, because some come after others. */
  judge(pair: string): (request: AwsRequest) => boolean;
  /** What a pair needs, to make it at all. */
  pair?: PairChange;
}

/** What a request would put into a table; empty: it puts nothing. */
function itemOf({ operation, body }: AwsRequest): Record<string, { S?: string }> {
  return operation === 'PutItem' ? JSON.parse(body).Item : {};
}

/** The pair's record as a request would write it; null: it writes none. */
export function written(request: AwsRequest, pair: string): PairRecord | null {
  const { pk, sk, document } = itemOf(request);
  return pk?.S === `pair/${pair}` && sk?.S === 'record' ? JSON.parse(document?.S ?? '') : null;
}

const phaseOf = (request: AwsRequest, pair: string) => written(request, pair)?.operation?.phase;
const commits = (request: AwsRequest, pair: string) => phaseOf(request, pair) === 'committed';
const isOf = ({ path, body }: AwsRequest, pair: string) => `${path}${body}`.includes(recordOf(pair));
/** Of this record alone: readings of several pairs may come as one, and are none's own. */
const lists = (request: AwsRequest, pair: string) => isOf(request, pair) && /[?&]maxitems=20(&|$)/.test(request.path);
const changes = (request: AwsRequest, pair: string) =>
  request.operation === 'ChangeResourceRecordSets' && isOf(request, pair);

/** Judges what comes after something has come. */
function once(
  begins: (request: AwsRequest, pair: string) => boolean,
  judge: (request: AwsRequest, pair: string) => boolean,
): FailoverRequest['judge'] {
  return (pair) => {
    let hasBegun = false;
    return (request) => {
      const isIt = hasBegun && judge(request, pair);
      hasBegun ||= begins(request, pair);
      return isIt;
    };
  };
}

/** By a name that is also the name of the pair whose request is spoiled. */
export const failoverRequests = {
  claim: {
    does: 'claims the operation',
    operation: 'PutItem',
    judge: (pair) => (request) => phaseOf(request, pair) === 'claimed',
  },
  commit: {
    does: 'passes the point of no return',
    operation: 'PutItem',
    judge: (pair) => (request) => commits(request, pair),
  },
  end: {
    does: 'ends the operation',
    operation: 'PutItem',
    judge: once(commits, (request, pair) => written(request, pair)?.operation === null),
  },
  history: {
    does: 'keeps the operation in history',
    operation: 'PutItem',
    judge: (pair) => (request) => itemOf(request).pk?.S === `operations/${pair}`,
  },
  state: {
    does: 'reads the record of the pair',
    operation: 'GetItem',
    judge: once(
      (request, pair) => phaseOf(request, pair) === 'claimed',
      ({ body }, pair) => body.includes(`"pair/${pair}"`),
    ),
  },
  batch: {
    does: 'changes record and marker',
    operation: 'ChangeResourceRecordSets',
    judge: (pair) => (request) => isOf(request, pair),
  },
  before: {
    does: 'reads record and marker before they are changed',
    operation: 'ListResourceRecordSets',
    judge: once(commits, lists),
  },
  after: {
    does: 'reads record and marker back',
    operation: 'ListResourceRecordSets',
    judge: once(changes, lists),
  },
  secret: {
    does: 'reads a login from Secrets Manager',
    operation: 'GetSecretValue',
    judge:
      (pair) =>
      ({ body }) =>
        body.includes(`warren/${pair}-`),
  },
  parameter: {
    does: 'reads a login from the Parameter Store',
    operation: 'GetParameter',
    judge:
      (pair) =>
      ({ body }) =>
        body.includes(`warren/${pair}"`),
  },
  listener: {
    does: 'moves a listener, beside a record',
    operation: 'ModifyListener',
    judge: () => () => true,
    pair: ({ elbv2: { listener, groups }, route53: { zone } }) => ({
      targets: [
        { route53: { zone, record: recordOf('listener'), values } },
        { elbv2: { listener, targetGroups: { beijing: groups.beijing.arn, shanghai: groups.shanghai.arn } } },
      ],
    }),
  },
  switch: {
    does: 'sets a switch that health checkers look at, beside a record',
    operation: 'PutObject',
    judge: () => () => true,
    pair(account) {
      publishSwitch(account, 'switch', 'beijing');
      return {
        targets: [
          { route53: { zone: account.route53.zone, record: recordOf('switch'), values } },
          { 'route53-health': { record: `data-plane.${recordOf('switch')}`, copies: copiesOf('switch').slice(0, 1) } },
        ],
      };
    },
  },
  news: {
    does: 'tells people by SNS',
    operation: 'Publish',
    judge: () => () => true,
    pair: { notify: [{ sns: { topic } }] },
  },
} as const satisfies Record<string, FailoverRequest>;

export type FailoverRequestName = keyof typeof failoverRequests;
