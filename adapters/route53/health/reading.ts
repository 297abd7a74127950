import type { TargetReading } from '../../../core/model/target.ts';
import { majorityOf } from '../../../core/model/targets/route53Health.ts';
import type { Look } from './look.ts';
import { parseSwitch } from './switch.ts';

/** Whose switch it is, and between what. */
export interface Sides {
  pair: string;
  primary: string;
  standby: string;
}

/**
 * What the copies mean. Route 53 answers with the standby while a majority of them says so, and else with the primary; a reading
 * is a site only when a majority says just that, so that somebody else's edit does not pass for a decision.
 * @param nowMs stands for the uptime: objects are never restarted, and do not forget what was written
 */
export function readingOf(target: string, sides: Sides, looks: Look[], nowMs: number): TargetReading {
  const said = looks.map((look) => whatIsSaid(sides, look));
  const needed = majorityOf(looks);
  const count = (wanted: string) => said.filter((each) => each === wanted).length;
  const detail = looks.map((look) => describe(sides, look)).join('; ');
  const read = (active: string, words = detail): TargetReading => {
    return { target, status: 'read', active, instance: target, uptimeMs: nowMs, detail: words };
  };
  const { primary, standby } = sides;
  const site = [primary, standby].find((each) => count(each) >= needed);
  if (site !== undefined) return read(site);
  const unread = count('unread');
  if (Math.max(count(primary), count(standby)) + unread >= needed && unread > 0)
    return { target, status: 'unreadable', detail };
  const answered = `no majority says one site, so Route 53 answers with ${primary}`;
  return read(count('missing') >= needed ? 'none' : 'split', `${detail}; ${answered}`);
}

/** The newest epoch that a copy carries for this pair, if any does. */
export function markerEpochOf({ pair }: Sides, looks: Look[]): { markerEpoch?: number } {
  const said = looks.flatMap((look) => (look.status === 'there' ? (parseSwitch(look.stored.text) ?? []) : []));
  const epochs = said.filter((each) => each.pair === pair).map(({ epoch }) => epoch);
  return epochs.length > 0 ? { markerEpoch: Math.max(...epochs) } : {};
}

/** A site, `missing`, `unread`, or `neither`. */
function whatIsSaid({ pair, primary, standby }: Sides, look: Look): string {
  if (look.status !== 'there') return look.status;
  const said = parseSwitch(look.stored.text);
  return said?.pair === pair && [primary, standby].includes(said.site) ? said.site : 'neither';
}

const quotedLengthMax = 80;

function describe(sides: Sides, look: Look): string {
  if (look.status === 'missing') return `${look.region}: there is no object`;
  if (look.status === 'unread') return `${look.region}: ${messageOf(look.error)}`;
  const { text } = look.stored;
  const said = parseSwitch(text);
  return said && whatIsSaid(sides, look) !== 'neither'
    ? `${look.region}: ${said.site}, epoch ${said.epoch}`
    : `${look.region}: of neither site: ${JSON.stringify(text.slice(0, quotedLengthMax))}`;
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
