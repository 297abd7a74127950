import * as z from 'zod';
import { checkSites, nameSchema, quote, type Report, reportRepeated, type TargetKind } from './target.ts';

const place = 'arn:aws[a-z-]*:elasticloadbalancing:[a-z0-9-]{1,32}:\\d{12}';
const arn = (resource: string, what: string) =>
  z.string().regex(new RegExp(`^${place}:${resource}$`), `expected the ARN of ${what}`);

const schema = z.strictObject({
  listener: arn(
    'listener/(net|app)/[A-Za-z0-9-]{1,32}/[0-9a-f]+/[0-9a-f]+',
    'a listener of a Network or Application Load Balancer',
  )
    .optional()
    .describe('the listener whose default action is moved; either this or `rule`'),
  rule: arn(
    'listener-rule/app/[A-Za-z0-9-]{1,32}/[0-9a-f]+/[0-9a-f]+/[0-9a-f]+',
    'a listener rule of an Application Load Balancer',
  )
    .optional()
    .describe('the listener rule that is moved, not the default one; either this or `listener`'),
  targetGroups: z
    .record(nameSchema, arn('targetgroup/[A-Za-z0-9-]{1,32}/[0-9a-f]+', 'a target group'))
    .describe('the target group of each site'),
});

export type Elbv2TargetConfig = z.output<typeof schema>;

/** The ARN of what is moved: the listener, or the rule. */
export function steeredArn({ listener, rule }: Elbv2TargetConfig): string {
  return listener ?? rule ?? '';
}

/** The Region that an ARN names ("Amazon Resource Names", arn:partition:service:region:account:resource). */
export function regionOf(arn: string): string {
  return arn.split(':')[3] ?? '';
}

function check(config: Elbv2TargetConfig, sites: string[], report: Report): void {
  const { listener, rule, targetGroups } = config;
  if (listener && rule) report('rule', 'a rule beside a listener', 'one of them');
  if (!listener && !rule) report('listener', 'nothing', 'a listener or a rule');
  checkSites('targetGroups', targetGroups, sites, report);
  const seen = new Map<string, string>();
  for (const [site, group] of Object.entries(targetGroups)) {
    const path = `targetGroups.${site}`;
    if ((listener || rule) && placeOf(group) !== placeOf(steeredArn(config)))
      report(
        path,
        quote(group),
        `a target group of the same Region and account as the ${listener ? 'listener' : 'rule'}`,
      );
    reportRepeated(seen, group, path, report);
  }
}

/** Partition, Region and account: a load balancer forwards to none but groups of its own. */
function placeOf(arn: string): string {
  return arn.split(':').slice(0, 5).join(':');
}

/** The forward action of a listener, or of a rule, of Elastic Load Balancing. */
export const elbv2: TargetKind<typeof schema> = { schema, check, steers: steeredArn };
