import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { type AlarmKind, alarmKinds } from '../../infra/alarms.ts';
import { WarrenPairAlarms, type WarrenPairAlarmsProps } from '../../infra/pairAlarms.ts';
import { metrics, troubles } from '../../lambdas/shared/contract.ts';
import { configWith, createStack, oneRegion, propertiesOf, templatesOf } from './support.ts';

const alarm = 'AWS::CloudWatch::Alarm';

function templateWith(changes: Record<string, unknown> = {}, props: Partial<WarrenPairAlarmsProps> = {}): Template {
  const stack = createStack();
  const [pair] = configWith(changes).pairs;
  if (!pair) throw new Error('the example has no pair');
  new WarrenPairAlarms(stack, 'Alarms', { pair, ...props });
  return Template.fromStack(stack);
}

const namesIn = (template: Template) => propertiesOf(template, alarm).map(({ AlarmName }) => AlarmName);

describe('the alarms of a pair', () => {
  const template = templateWith();

  test('are made of four metrics at most', () => {
    const text = JSON.stringify(template.toJSON());
    const used = new Set(text.match(/"MetricName":"\w+"/g));
    expect(used).toEqual(new Set(Object.values(metrics.names).map((name) => `"MetricName":"${name}"`)));
    expect(used.size).toBeLessThanOrEqual(4);
  });

  test('are one for each trouble, one for silence, and one that is on with any of them', () => {
    expect(namesIn(template).sort()).toEqual([
      'warren-trading-certificate-expiring',
      'warren-trading-decision-blocked',
      'warren-trading-fence-left',
      'warren-trading-operation-stalled',
      'warren-trading-readiness-lost',
      'warren-trading-side-down',
      'warren-trading-ticks-stopped',
    ]);
    const [{ AlarmRule, AlarmActions } = {}] = propertiesOf(template, 'AWS::CloudWatch::CompositeAlarm');
    expect(JSON.stringify(AlarmRule).match(/Fn::GetAtt/g)).toHaveLength(7);
    expect(AlarmActions).toBeUndefined();
  });

  test('take silence of the metric for an alarm where it is about silence, and nowhere else', () => {
    for (const { AlarmName, TreatMissingData } of propertiesOf(template, alarm))
      expect([AlarmName, TreatMissingData]).toEqual([
        AlarmName,
        AlarmName === 'warren-trading-ticks-stopped' ? 'breaching' : 'notBreaching',
      ]);
    template.hasResourceProperties(alarm, {
      AlarmName: 'warren-trading-ticks-stopped',
      MetricName: 'Ticks',
      Statistic: 'Sum',
      Threshold: 1,
      ComparisonOperator: 'LessThanThreshold',
      EvaluationPeriods: 3,
      Period: 60,
    });
  });

  test.each([
    ['side-down', troubles.activeDown],
    ['decision-blocked', troubles.decisionBlocked],
    ['operation-stalled', troubles.operationStalled],
    ['fence-left', troubles.fenceLeft],
  ])('%s takes its own digit out of the number', (name, weight) => {
    const found = propertiesOf(template, alarm).filter(({ AlarmName }) => AlarmName === `warren-trading-${name}`);
    const [expression] = found
      .flatMap(({ Metrics }) => Metrics as { Expression?: string }[])
      .flatMap(({ Expression }) => Expression ?? []);
    for (const number of [0, 1, 10, 11, 100, 1_000, 1_001, 1_110, 1_111])
      expect([number, digitBy(expression ?? '', number)]).toEqual([number, Math.floor(number / weight) % 10]);
  });

  test('leave out readiness where traffic never moves by itself, and certificates where there are none', () => {
    const node = (name: string) => ({ name: `rabbit@${name}`, amqp: `amqp://${name}.example.com:5672` });
    const site = (name: string) => ({ nodes: [node(name)], probeCredentials: 'ssm:/probe' });
    const sites = { frankfurt: site('fra1'), ireland: site('irl1') };
    const names = namesIn(templateWith({ sites, failover: { mode: 'approve' } }));
    expect(names).not.toContain('warren-trading-certificate-expiring');
    expect(names).not.toContain('warren-trading-readiness-lost');
    expect(names).toHaveLength(5);
  });

  test('wait for the end of a fence before they call it left, a day at most', () => {
    const periods = (fenceFor: string) => {
      const found = propertiesOf(templateWith({ failover: { fenceFor } }), alarm);
      return found.find(({ AlarmName }) => AlarmName === 'warren-trading-fence-left')?.EvaluationPeriods;
    };
    expect(periods('10m')).toBe(3);
    expect(periods('7d')).toBe(144);
  });

  test('link to where the runbook is', () => {
    const runbookUrl = 'https://wiki.example.com/warren';
    templateWith({}, { runbookUrl }).hasResourceProperties(alarm, {
      AlarmName: 'warren-trading-side-down',
      AlarmDescription: `trading: The active side is down. ${runbookUrl}#side-down`,
    });
  });
});

describe('every alarm of a stage', () => {
  const templates = Object.values(templatesOf(oneRegion));
  const all = templates.flatMap((template) => propertiesOf(template, alarm));

  test('is told when it begins and when it ends', () => {
    for (const each of templates)
      each.allResourcesProperties(alarm, { AlarmActions: [Match.anyValue()], OKActions: [Match.anyValue()] });
  });

  test('is of a kind that is used, and links to its heading', () => {
    const composites = templates.flatMap((template) => propertiesOf(template, 'AWS::CloudWatch::CompositeAlarm'));
    const linked = [...all, ...composites].map(
      ({ AlarmDescription }) => String(AlarmDescription).split('runbook.md#')[1],
    );
    expect(new Set(linked)).toEqual(new Set(Object.values(alarmKinds).map(({ anchor }) => anchor)));
  });
});

describe('the runbook', () => {
  const sections = sectionsOf(readFileSync(new URL('../../docs/runbook.md', import.meta.url), 'utf8'));

  test.each(Object.keys(alarmKinds) as AlarmKind[])('says what %s means, where to look and what to do', (kind) => {
    const { anchor } = alarmKinds[kind];
    const text = sections.find((section) => section.anchor === anchor)?.text ?? '';
    for (const part of ['Description', 'Investigation', 'Resolution'])
      expect([anchor, text]).toEqual([anchor, expect.stringContaining(`**${part}.**`)]);
  });

  test('has no heading among the alarms that is none', () => {
    const begin = sections.findIndex(({ anchor }) => anchor === 'alarms');
    const rest = sections.slice(begin + 1);
    const end = rest.findIndex(({ level }) => level <= 2);
    const listed = rest.slice(0, end < 0 ? rest.length : end).map(({ anchor }) => anchor);
    const known: string[] = Object.values(alarmKinds).map(({ anchor }) => anchor);
    expect(listed.filter((anchor) => !known.includes(anchor))).toEqual([]);
    expect(listed.length).toBeGreaterThan(5);
  });
});

/** Evaluates the metric math of an alarm for one number. */
function digitBy(expression: string, number: number): number {
  const [, weight, ten] = expression.match(/^FLOOR\(trouble \/ (\d+)\) - 10 \* FLOOR\(trouble \/ (\d+)\)$/) ?? [];
  return Math.floor(number / Number(weight)) - 10 * Math.floor(number / Number(ten));
}

/** Headings as GitHub links to them, each with the text below it. */
function sectionsOf(markdown: string): { anchor: string; level: number; text: string }[] {
  return markdown.split(/^(?=#{1,6} )/m).map((part) => {
    const [heading = '', ...lines] = part.split('\n');
    const title = heading.replace(/^#+ /, '').toLowerCase();
    return {
      anchor: title.replace(/[^\w\- ]/g, '').replaceAll(' ', '-'),
      level: heading.match(/^#+/)?.[0].length ?? 0,
      text: lines.join('\n'),
    };
  });
}
