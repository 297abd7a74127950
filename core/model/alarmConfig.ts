import * as z from 'zod';
import { nameSchema } from './targets/target.ts';

/** A CloudWatch alarm, and what its changes mean for a pair. */
export const alarmSchema = z
  .strictObject({
    alarm: z.string().min(1).max(2_048).describe('the name of a CloudWatch alarm, or its ARN'),
    site: nameSchema.describe('the site that is down while the alarm is in ALARM'),
    does: z
      .enum(['request', 'vote'])
      .default('request')
      .describe('ask for a failover of the site, once; or say whether it is down, as one of the vantages'),
    vantage: nameSchema.optional().describe('the vantage that the alarm speaks for; a `vote` needs one of its own'),
  })
  .refine(({ does, vantage }) => (does === 'vote') === (vantage !== undefined), {
    path: ['vantage'],
    error: 'expected one of the vantages with `does: vote`, and nothing with `does: request`',
  });

export type AlarmConfig = z.output<typeof alarmSchema>;

interface Beside {
  alarms: AlarmConfig[];
  sites: Record<string, unknown>;
  vantages: { name: string }[];
}

/** Alarms name sites and vantages of their pair. What one votes replaces what its vantage said, so no two speak for one. */
export function checkAlarms({ alarms, sites, vantages }: Beside, context: z.RefinementCtx): void {
  const complain = (index: number, key: keyof AlarmConfig, message: string) =>
    context.addIssue({ code: 'custom', path: ['alarms', index, key], message });
  const names = vantages.map(({ name }) => name);
  alarms.forEach(({ site, vantage }, index) => {
    if (!Object.hasOwn(sites, site))
      complain(index, 'site', `expected one of the sites: ${Object.keys(sites).join(', ')}`);
    if (vantage !== undefined && !names.includes(vantage))
      complain(index, 'vantage', `expected one of the vantages: ${names.join(', ') || 'none is configured'}`);
    else if (vantage !== undefined && alarms.findIndex((alarm) => alarm.vantage === vantage) < index)
      complain(index, 'vantage', 'expected a vantage of its own');
  });
}
