import type { ResourceRecordSet } from '@aws-sdk/client-route-53';
import type { TargetReading } from '../../core/model/target.ts';
import type { Route53TargetConfig } from '../../core/model/targets/route53.ts';
import type { Published } from './list.ts';
import { parseMarker } from './marker.ts';
import { answeredSets, destinationsOf, fingerprintOf, sitesOf, wantedSets } from './recordSets.ts';

type Read = Extract<TargetReading, { status: 'read' }>;

/**
 * What the published sets mean. Anything that is neither site's counts as `split`: some clients go where Warren does not know.
 * @param nowMs stands for the uptime: DNS is never restarted, and does not forget what was written
 */
export function readingOf(target: string, config: Route53TargetConfig, published: Published, nowMs: number): Read {
  const destinations = [...new Set(answeredSets(published.sets).flatMap(destinationsOf))];
  const sites = siteOfDestinations(config);
  const foreign = [
    ...destinations.filter((destination) => !sites.has(destination)),
    ...published.conflicting.map((set) => `a ${set.Type} record with ${destinationsOf(set).join(', ')}`),
  ];
  const led = new Set(destinations.flatMap((destination) => sites.get(destination) ?? []));
  const [site = 'none'] = led;
  const active = led.size > 1 || foreign.length > 0 ? 'split' : site;
  const described = [...led].map((each) => {
    const ours = destinations.filter((destination) => sites.get(destination) === each);
    return `${each}: ${ours.join(', ')}`;
  });
  const detail = [
    ...(described.length > 0 ? described : ['neither site is published']),
    ...(foreign.length > 0 ? [`of neither site: ${foreign.join(', ')}`] : []),
    ...(led.has(active) && !isAsWanted(published.sets, wantedSets(config, active)) ? [differing(published.sets)] : []),
    markerSentence(published),
  ].join('; ');
  return { target, status: 'read', active, instance: config.zone, uptimeMs: nowMs, detail };
}

/** The epoch of this pair's marker, if there is one. */
export function markerEpochOf({ marker }: Published, pair: string): { markerEpoch?: number } {
  const parsed = marker && parseMarker(marker);
  return parsed?.pair === pair ? { markerEpoch: parsed.epoch } : {};
}

/** Are exactly these sets published? */
export function isAsWanted(sets: ResourceRecordSet[], wanted: ResourceRecordSet[]): boolean {
  const fingerprints = new Set(wanted.map(fingerprintOf));
  return sets.length === wanted.length && sets.every((set) => fingerprints.has(fingerprintOf(set)));
}

function siteOfDestinations(config: Route53TargetConfig): Map<string, string> {
  return new Map(
    sitesOf(config).flatMap((site) =>
      wantedSets({ ...config, routing: 'simple' }, site)
        .flatMap(destinationsOf)
        .map((destination) => [destination, site] as const),
    ),
  );
}

function differing(sets: ResourceRecordSet[]): string {
  const traits = sets.map(({ SetIdentifier, TTL, Weight, Failover, ...rest }) => {
    const routing = Object.keys(rest).filter((key) => !plainKeys.has(key));
    return [SetIdentifier ?? 'one set', ...(TTL === undefined ? [] : [`TTL ${TTL}`]), Weight, Failover, ...routing]
      .filter((trait) => trait !== undefined)
      .join(' ');
  });
  return `not as Warren would write it (${traits.join(', ')})`;
}

const plainKeys = new Set(['Name', 'Type', 'ResourceRecords', 'AliasTarget']);

function markerSentence({ marker }: Published): string {
  if (!marker) return 'no marker';
  const parsed = parseMarker(marker);
  return parsed
    ? `marker: ${parsed.site}, epoch ${parsed.epoch}`
    : "the marker's name has a TXT record that is not Warren's";
}
