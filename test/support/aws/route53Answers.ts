import type { DnsAnswer } from './dns.ts';
import { fullName, type RecordSet } from './route53Sets.ts';

/** What an alias leads to outside the zone, by full name: such as the addresses of a load balancer. */
export type Elsewhere = Record<string, string[]>;

const followsMax = 8;

/**
 * What the zone answers to one question: of weighted sets the heaviest, of failover ones the primary; an alias is followed, and
 * so is a CNAME while it stays in the zone. Null: the name does not exist.
 */
export function answersOf(
  sets: RecordSet[],
  name: string,
  type: string,
  elsewhere: Elsewhere = {},
): DnsAnswer[] | null {
  const answers: DnsAnswer[] = [];
  let at = fullName(name);
  for (let follows = 0; follows < followsMax; follows += 1) {
    const named = sets.filter((set) => set.name === at);
    if (named.length === 0) return follows === 0 ? null : answers;
    const set =
      chosen(named.filter((each) => each.type === type)) ?? chosen(named.filter((each) => each.type === 'CNAME'));
    if (!set) return answers;
    answers.push(...recordsOf(sets, set, elsewhere).map((record) => ({ ...record, name: at })));
    if (set.type === type) return answers;
    at = fullName(set.values?.[0] ?? '');
  }
  return answers;
}

function recordsOf(sets: RecordSet[], set: RecordSet, elsewhere: Elsewhere): DnsAnswer[] {
  const { name, type, ttl, values, alias } = set;
  const own = (list: string[], seconds: number) => list.map((value) => ({ name, type, ttl: seconds, value }));
  if (!alias) return own(values ?? [], ttl ?? 0);
  const within = chosen(sets.filter((each) => each.name === alias.name && each.type === type));
  return within ? recordsOf(sets, within, elsewhere) : own(elsewhere[alias.name] ?? [], 60);
}

function chosen(sets: RecordSet[]): RecordSet | undefined {
  const primary = sets.find(({ failover }) => failover === 'PRIMARY');
  return primary ?? sets.toSorted((one, other) => (other.weight ?? 0) - (one.weight ?? 0))[0];
}
