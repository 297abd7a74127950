import type { Severity } from '../../core/model/decision.ts';
import type { WarrenEvent } from '../../core/model/event.ts';

/** What a receiver expects in a request's body. `secret` is PagerDuty's routing key, and unused elsewhere. */
export type Format = (event: WarrenEvent, secret: string | null) => object;

const slackMarks: Record<Severity, string> = {
  info: ':information_source:',
  warning: ':warning:',
  critical: ':rotating_light:',
};

/** PagerDuty takes summaries of up to 1024 characters (Events API v2, "Send an Alert Event"). */
const summaryMax = 1_024;

export const formats: Record<'json' | 'slack' | 'pagerduty', Format> = {
  json: (event) => event,
  // Slack, "Sending messages using incoming webhooks".
  slack: ({ severity, pair, sentence }) => ({
    text: `${slackMarks[severity]} ${pair ? `*${pair}* ` : ''}${escaped(sentence)}`,
  }),
  // PagerDuty, Events API v2: alerts with the same deduplication key are one incident.
  pagerduty: (event, secret) => ({
    routing_key: secret,
    event_action: 'trigger',
    dedup_key: ['warren', event.pair, event.kind, reasonOf(event)].filter(Boolean).join('/'),
    payload: {
      summary: `${event.pair ? `${event.pair}: ` : ''}${event.sentence}`.slice(0, summaryMax),
      source: event.pair || 'warren',
      severity: event.severity,
      timestamp: new Date(event.atMs).toISOString(),
      component: event.kind,
    },
  }),
};

/** Slack reads these three characters as markup ("Formatting text for app surfaces", escaping). */
function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function reasonOf({ data }: WarrenEvent): string | undefined {
  const { decision, class: failureClass } = data as { decision?: { reason?: string }; class?: string };
  return decision?.reason ?? failureClass;
}
