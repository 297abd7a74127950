import * as z from 'zod';
import { alarmSchema, checkAlarms } from './alarmConfig.ts';
import { duration } from './duration.ts';
import { oneKeyOf } from './oneKey.ts';
import { storeSchema } from './storeConfig.ts';
import { targetSchema } from './targets/index.ts';
import { nameSchema as name } from './targets/target.ts';

/**
 * The configuration file (`warren.yaml`), as one schema. It validates, it generates the published JSON Schema, and its
 * output type is what the rest of the code calls a pair. Rules that look at several keys at once are in `configRules.ts`.
 */
const secretReference = z
  .string()
  .regex(/^(env:[A-Za-z_][A-Za-z0-9_]*|file:.+|secretsmanager:.+|ssm:.+)$/, {
    error: 'expected a reference to a secret, never the secret: env:NAME, file:PATH, secretsmanager:ARN or ssm:NAME',
  })
  .meta({ secret: true });

const url = (...protocols: string[]) =>
  z.string().superRefine((text, context) => {
    const parsed = URL.parse(text);
    const wanted = `expected a URL starting with ${protocols.join(' or ')}`;
    if (!parsed || !protocols.includes(`${parsed.protocol}//`)) context.addIssue({ code: 'custom', message: wanted });
    else if (parsed.username || parsed.password)
      context.addIssue({
        code: 'custom',
        message: `${wanted}, without user or password: these belong in probeCredentials`,
      });
  });

const nodeSchema = z.strictObject({
  name: z.string().min(1).describe('the broker node name, such as rabbit@bj1'),
  amqp: url('amqp://', 'amqps://').describe('where the node accepts AMQP'),
  management: url('http://', 'https://').optional().describe("the node's management API"),
});

const siteSchema = z.strictObject({
  nodes: z.array(nodeSchema).min(1, 'expected at least one node'),
  vhost: z.string().min(1).default('/').describe('the virtual host that is probed'),
  clusterName: z.string().min(1).optional().describe('cluster_name that every node must report; unset: not checked'),
  probeCredentials: secretReference.describe(
    'user:password or {"username","password"} of a user with the tag `monitoring`',
  ),
  operatorCredentials: secretReference
    .optional()
    .describe('user:password of an administrator; only used to fence, and to count connections and messages'),
  fenceUsers: z
    .array(z.string().regex(/^(?!\.{1,2}$)./, 'expected the name of a user'))
    .default([])
    .describe('users whose connections the fence refuses: those of the applications of this pair alone'),
  fenceProof: secretReference
    .optional()
    .describe('user:password of one of fenceUsers; its refused login proves the fence at each node'),
});

const probeSchema = z
  .strictObject({
    every: duration.prefault('5s').describe('how often targets are read and a decision is made when nothing changes'),
    recheck: duration
      .prefault('1s')
      .describe('how often the kept connection of each node is exercised, and a suspect site probed'),
    fullEvery: duration
      .prefault('30s')
      .describe('how often a fresh connection and the management checks are made when all is well'),
    timeout: duration.prefault('2s').describe('the deadline of each rung of the ladder'),
    fall: z.int().min(1).max(100).default(3).describe('voting failures in a row before a node counts as failed'),
    rise: z.int().min(1).max(100).default(5).describe('passes in a row before a failed node counts as well again'),
    minNodes: z
      .int()
      .min(1)
      .default(1)
      .describe('fewer passing nodes than this, and the rest failed: the site is down'),
    alarmsAfter: duration.prefault('5m').describe('a memory or disk alarm votes for failover after this long'),
    metadataStalledAfter: duration
      .prefault('90s')
      .describe('stalled declares on every node vote for failover after this long'),
  })
  .transform(({ every, recheck, fullEvery, timeout, alarmsAfter, metadataStalledAfter, ...counts }) => ({
    ...counts,
    everyMs: every,
    recheckMs: recheck,
    fullEveryMs: fullEvery,
    timeoutMs: timeout,
    alarmsAfterMs: alarmsAfter,
    metadataStalledAfterMs: metadataStalledAfter,
  }));

const failoverSchema = z
  .strictObject({
    mode: z.enum(['observe', 'approve', 'automatic']).default('observe').describe('say what it would do; ask; act'),
    quorum: z
      .union([z.literal('majority'), z.int().min(1)])
      .default('majority')
      .describe('how many vantages must vote'),
    cooldown: duration.prefault('1h').describe('after any operation ends, no automatic one for this long'),
    unfenced: z
      .enum(['allow', 'wait'])
      .default('allow')
      .describe('whether a failover may go on when the old side cannot be fenced'),
    fenceBudget: duration.prefault('2s').describe('how long an operation tries to fence the old side'),
    fenceFor: duration
      .prefault('10m')
      .describe('how long the old side of a switchover stays fenced; that of a failover stays so until `ack`'),
    maxLagMessages: z
      .int()
      .min(0)
      .optional()
      .describe('replication lag above which a failover is blocked; needs a lag source'),
  })
  .transform(({ cooldown, fenceBudget, fenceFor, ...rest }) => ({
    ...rest,
    cooldownMs: cooldown,
    fenceBudgetMs: fenceBudget,
    fenceForMs: fenceFor,
  }));

const severity = z.enum(['info', 'warning', 'critical']).default('warning');

const webhookSchema = z
  .strictObject({
    url: secretReference.describe('a reference to the URL: for most receivers it is a secret itself'),
    format: z.enum(['json', 'slack', 'pagerduty']).default('json').describe('what the receiver expects'),
    severity: severity.describe('tell this and what is more severe'),
    secret: secretReference.optional().describe('json, slack: signs each request; pagerduty: the routing key'),
  })
  .refine(({ format, secret }) => format !== 'pagerduty' || secret !== undefined, {
    path: ['secret'],
    error: 'expected a reference to the routing key of PagerDuty',
  });

const snsSchema = z.strictObject({
  topic: z
    .string()
    .regex(/^arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[A-Za-z0-9_-]{1,256}$/, 'expected the ARN of an SNS topic')
    .describe('the ARN of the topic; its Region is taken from it'),
  severity: severity.describe('tell this and what is more severe'),
});

const notifySchema = oneKeyOf({ webhook: webhookSchema, sns: snsSchema });

const hookSchema = z
  .strictObject({
    url: secretReference.describe('a reference to the URL; it is sent the operation as JSON'),
    secret: secretReference.optional().describe('signs each request'),
    timeout: duration.prefault('2s').describe('how long an answer is waited for'),
    whenSilent: z
      .enum(['proceed', 'refuse'])
      .default('proceed')
      .describe('what no usable answer means for a failover; a switchover is always refused then'),
  })
  .transform(({ timeout, ...rest }) => ({ ...rest, timeoutMs: timeout }));

const hooksSchema = z.strictObject({
  before: hookSchema.optional().describe('asked before the point of no return; answering 409 or 403 refuses the move'),
  after: hookSchema.optional().describe('told when an operation has ended'),
});

const drillSchema = z
  .strictObject({
    hold: duration.prefault('1m').describe('how long traffic stays on the other side'),
    windows: z
      .array(
        z
          .string()
          .regex(
            /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun) ([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d$/,
            'expected a day and a time range in UTC, such as Sat 02:00-04:00',
          ),
      )
      .default([])
      .describe('when a drill may begin, in UTC; empty: at any time'),
  })
  .transform(({ hold, ...rest }) => ({ ...rest, holdMs: hold }));

const vantageSchema = z
  .union([
    name,
    z.strictObject({
      name,
      near: name
        .optional()
        .describe('the site whose fate this vantage shares: its vote alone does not condemn that site'),
    }),
  ])
  .transform((vantage) => (typeof vantage === 'string' ? { name: vantage } : vantage))
  .describe('a name, or a name with the site that the vantage is near to');

const pairSchema = z
  .strictObject({
    name,
    primary: name,
    standby: name,
    sites: z.record(name, siteSchema),
    reference: z
      .array(url('http://', 'https://', 'tcp://'))
      .default([])
      .describe('what a prober that trusts itself can see'),
    vantages: z.array(vantageSchema).default([]).describe('who must vote, by name; empty: this prober alone'),
    alarms: z.array(alarmSchema).default([]).describe('CloudWatch alarms that ask for a failover, or vote'),
    endpoint: url('amqp://', 'amqps://')
      .optional()
      .describe('where clients connect; verified from outside after a flip'),
    probe: probeSchema.prefault({}),
    failover: failoverSchema.prefault({}),
    drill: drillSchema.prefault({}),
    hooks: hooksSchema.prefault({}),
    notify: z.array(notifySchema).default([]).describe('who is told, beside the output of the service'),
    targets: z.array(targetSchema).min(1, 'expected at least one target'),
  })
  .superRefine(checkAlarms);

const fleetSchema = z
  .strictObject({
    maxFailovers: z.int().min(1).default(3).describe('automatic failovers across all pairs within the window'),
    window: duration.prefault('1h').describe('how long an automatic failover counts'),
  })
  .transform(({ maxFailovers, window }) => ({ maxFailovers, windowMs: window }));

const tokenSchema = z.strictObject({
  name: z.string().min(1).max(64).describe('who the audit says it was'),
  scope: z.enum(['read', 'operate', 'admin']).default('read').describe('each includes those before it'),
  token: secretReference.describe('a reference to the token: at least 16 characters'),
});

const apiSchema = z.strictObject({
  listen: z
    .string()
    .regex(/^([^\s/:]+|\[[0-9a-fA-F:]+\]):\d{1,5}$/, 'expected HOST:PORT')
    .default('127.0.0.1:8672')
    .describe('where `warren run` serves the HTTP API'),
  tokens: z
    .array(tokenSchema)
    .min(1, 'expected at least one token')
    .superRefine((tokens, context) => {
      tokens.forEach(({ name: repeated }, index) => {
        if (tokens.findIndex((token) => token.name === repeated) < index)
          context.addIssue({ code: 'custom', path: [index, 'name'], message: 'expected a name of its own' });
      });
    })
    .describe('who may ask, and what'),
});

/** The whole file. Input: what people write. Output: durations in milliseconds, defaults filled in. */
export const configSchema = z.strictObject({
  version: z.literal(1),
  store: storeSchema.prefault('warren.db'),
  fleet: fleetSchema.prefault({}),
  api: apiSchema.optional().describe('the HTTP API; without it none is served'),
  pairs: z.array(pairSchema).min(1, 'expected at least one pair'),
});

export type Config = z.output<typeof configSchema>;
/** One protected service: two sites, one or more targets, a policy. */
export type Pair = Config['pairs'][number];
/** One data center's cluster. */
export type Site = Pair['sites'][string];
export type Node = Site['nodes'][number];
/** How a pair is probed; every duration is in milliseconds. */
export type ProbePolicy = Pair['probe'];
export type FailoverPolicy = Pair['failover'];
export type FleetPolicy = Config['fleet'];
export type NotifyConfig = Pair['notify'][number];
export type WebhookConfig = z.output<typeof webhookSchema>;
export type SnsConfig = z.output<typeof snsSchema>;
export type HookConfig = z.output<typeof hookSchema>;
export type ApiConfig = z.output<typeof apiSchema>;
/** What a token may do; each scope includes those before it. */
export type Scope = ApiConfig['tokens'][number]['scope'];
