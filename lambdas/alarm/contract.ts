/** Names that the function and whoever deploys it agree on. Imports nothing, so that infrastructure code can read it. */

/** What EventBridge is to pass on (CloudWatch user guide, "Alarm events and EventBridge"). */
export const eventSource = 'aws.cloudwatch';
export const eventDetailType = 'CloudWatch Alarm State Change';

/** An event that says more than this ago is not acted on: EventBridge tries to deliver for a day. */
export const eventMaxAgeSeconds = 300;

/** The `kind` of the lines that are logged. */
export const logKinds = { alarm: 'alarm' } as const;
