/**
 * What EventBridge sends when an alarm changes its state, as the CloudWatch user guide shows it ("Alarm events and EventBridge").
 */
export function alarmEvent(
  name: string,
  value: 'ALARM' | 'OK' | 'INSUFFICIENT_DATA',
  { id = 'c4c1c1c9-6542-e61b-6ef0-8c4d36933a92', atMs = Date.now() } = {},
) {
  // Without a colon in the offset, as CloudWatch writes it.
  const timestamp = new Date(atMs).toISOString().replace('Z', '+0000');
  return {
    version: '0',
    id,
    'detail-type': 'CloudWatch Alarm State Change',
    source: 'aws.cloudwatch',
    account: '123456789012',
    time: new Date(atMs).toISOString(),
    region: 'eu-central-1',
    resources: [`arn:aws:cloudwatch:eu-central-1:123456789012:alarm:${name}`],
    detail: {
      alarmName: name,
      configuration: { description: 'Goes into alarm when nothing is published.', metrics: [] },
      previousState: {
        reason: 'Threshold Crossed: 1 out of the last 1 datapoints [12.0] was not less than the threshold (10.0)',
        reasonData: '{"version":"1.0","threshold":10.0}',
        timestamp: '2026-10-02T17:03:13.951+0000',
        value: value === 'OK' ? 'ALARM' : 'OK',
      },
      state: {
        reason: 'Threshold Crossed: 1 out of the last 1 datapoints [0.0] was less than the threshold (10.0)',
        reasonData: '{"version":"1.0","threshold":10.0}',
        timestamp,
        value,
      },
    },
  };
}
