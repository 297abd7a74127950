import type { DnsAnswer } from './dns.ts';
import { fullName, type RecordSet } from './route53Sets.ts';

/** What an alias leads to outside the zone, by full name: such as the addresses of a load balancer. */
export type Elsewhere = Record<string, string[]>;

const followsMax = 8;

/** Whether a health check passes, by its id. */
export type Health = (healthCheckId: string) => boolean;

/**
 * What the zone answers to one question: of weighted sets the heaviest, of failover ones the primary, or the secondary by their
 * health; an alias is followed, and so is a CNAME while it stays in the zone. Null: the name does not exist.
 */
export function answersOf(
  sets: RecordSet[],
  name: string,
  type: string,
  elsewhere: Elsewhere = {},
  health: Health = () => true,
): DnsAnswer[] | null {
  const answers: DnsAnswer[] = [];
  let at = fullName(name);
  for (let follows = 0; follows < followsMax; follows += 1) {
    const named = sets.filter((set) => set.name === at);
    if (named.length === 0) return follows === 0 ? null : answers;
    const set =
      chosen(
        named.filter((each) => each.type === type),
        health,
      ) ??
      chosen(
        named.filter((each) => each.type === 'CNAME'),
        health,
      );
    if (!set) return answers;
    answers.push(...recordsOf(sets, set, elsewhere, health).map((record) => ({ ...record, name: at })));
    if (set.type === type) return answers;
    at = fullName(set.values?.[0] ?? '');
  }
  return answers;
}

function recordsOf(sets: RecordSet[], set: RecordSet, elsewhere: Elsewhere, health: Health): DnsAnswer[] {
  const { name, type, ttl, values, alias } = set;
  const own = (list: string[], seconds: number) => list.map((value) => ({ name, type, ttl: seconds, value }));
  if (!alias) return own(values ?? [], ttl ?? 0);
  const within = chosen(
    sets.filter((each) => each.name === alias.name && each.type === type),
    health,
  );
  return within ? recordsOf(sets, within, elsewhere, health) : own(elsewhere[alias.name] ?? [], 60);
}

/**
 * API, ResourceRecordSet, "Failover": the primary while it is healthy, or while the secondary is not; a set without a health check
 * is always healthy.
 */
function chosen(sets: RecordSet[], health: Health): RecordSet | undefined {
  const [primary, secondary] = ['PRIMARY', 'SECONDARY'].map((role) => sets.find(({ failover }) => failover === role));
  const isHealthy = ({ healthCheckId }: RecordSet) => healthCheckId === null || health(healthCheckId);
  if (primary && secondary && !isHealthy(primary) && isHealthy(secondary)) return secondary;
  return primary ?? sets.toSorted((one, other) => (other.weight ?? 0) - (one.weight ?? 0))[0];
}
