import type { TargetReading } from '../../../core/model/target.ts';
import type { Route53HealthTargetConfig } from '../../../core/model/targets/route53Health.ts';
import { type Answer, answerSentence } from '../answers.ts';
import { destinationsOf } from '../recordSets.ts';
import type { Look } from './look.ts';

/**
 * What name servers answer, beside what the copies say. They follow within a minute or so; who still contradicts the switch when
 * it was written long ago is right about where traffic goes: somebody changed the records or the health check.
 * By S3's clock and this one: they need to agree on minutes, and nothing is written because of it.
 */
export function withAnswers(
  reading: TargetReading,
  config: Route53HealthTargetConfig,
  answers: Answer[],
  looks: Look[],
  nowMs: number,
): TargetReading {
  if (answers.length === 0) return reading;
  const detail = [reading.detail, ...answers.map(answerSentence)].join('; ');
  if (reading.status === 'unreadable') return { ...reading, detail };
  const led = new Set(
    answers.flatMap((answer) => (answer.status === 'answered' ? [siteOf(config, answer.values)] : [])),
  );
  const { active } = reading;
  // A switch that says no site has nothing that could be followed.
  const isFollowed = led.size === 0 || (led.size === 1 && led.has(active)) || active === 'split' || active === 'none';
  if (isFollowed || nowMs - writtenAtMs(looks) < config.followsMs) return { ...reading, detail };
  const [only = 'split'] = led;
  const words = `the switch says ${active}, and its name servers do not follow`;
  return { ...reading, active: led.size === 1 ? only : 'split', detail: `${words}: ${detail}` };
}

/** `none`: nothing; `split`: of both sites, or of neither. */
function siteOf({ type, values = {} }: Route53HealthTargetConfig, answered: string[]): string {
  if (answered.length === 0) return 'none';
  const spelled = (list: string[]) =>
    destinationsOf({ Name: '', Type: type, ResourceRecords: list.map((Value) => ({ Value })) });
  const sites = Object.keys(values).filter((site) => {
    const own = new Set(spelled(values[site] ?? []));
    return spelled(answered).every((value) => own.has(value));
  });
  return sites[0] ?? 'split';
}

/** When the switch was last written. */
function writtenAtMs(looks: Look[]): number {
  return Math.max(...looks.map((look) => (look.status === 'there' ? look.stored.writtenAtMs : 0)));
}
