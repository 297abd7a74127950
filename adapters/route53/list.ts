import type {
  ListResourceRecordSetsRequest,
  ListResourceRecordSetsResponse,
  ResourceRecordSet,
} from '@aws-sdk/client-route-53';
import type { Route53TargetConfig } from '../../core/model/targets/route53.ts';
import { markerNameOf } from './marker.ts';
import { nameInOneSpelling } from './recordSets.ts';

/** What is published under a record's name, and its marker. */
export interface Published {
  /** Every set of the record's name and type. */
  sets: ResourceRecordSet[];
  /** Sets of the same name whose type excludes the record's. */
  conflicting: ResourceRecordSet[];
  marker: ResourceRecordSet | null;
}

/** The marker sorts soon after its record: one page has both, unless many names or sets are between. */
const pageItems = 20;
/** A record of ours has one set or two; a name may have 100 weighted ones ("Quotas", per weighted group). */
const pagesMax = 7;

type Page = (request: Omit<ListResourceRecordSetsRequest, 'HostedZoneId'>) => Promise<ListResourceRecordSetsResponse>;
type Start = Pick<ListResourceRecordSetsRequest, 'StartRecordName' | 'StartRecordType' | 'StartRecordIdentifier'>;

/**
 * Lists the sets of one name and its marker, and as little else as it can. The answer includes changes that are not yet
 * on every name server ("ListResourceRecordSets": PENDING).
 */
export async function listPublished(config: Route53TargetConfig, page: Page): Promise<Published> {
  const marker = nameInOneSpelling(markerNameOf(config));
  const sets: ResourceRecordSet[] = [];
  let start: Start | null = { StartRecordName: config.record };
  for (let pages = 0; start; pages += 1) {
    if (pages === pagesMax) throw new Error(`${config.record} has more record sets than Warren reads`);
    const wasMarker: boolean = nameInOneSpelling(start.StartRecordName) === marker;
    const answer: ListResourceRecordSetsResponse = await page({ ...start, MaxItems: pageItems });
    sets.push(...(answer.ResourceRecordSets ?? []));
    const isDone: boolean =
      !answer.IsTruncated || wasMarker || sets.some(({ Name }) => nameInOneSpelling(Name) === marker);
    start = isDone ? null : nextStart(config, answer);
  }
  return publishedOf(config, sets);
}

/** While the record's sets go on, the next page; then straight to the marker. */
function nextStart(config: Route53TargetConfig, answer: ListResourceRecordSetsResponse): Start {
  if (nameInOneSpelling(answer.NextRecordName) !== nameInOneSpelling(config.record))
    return { StartRecordName: markerNameOf(config), StartRecordType: 'TXT' };
  return {
    StartRecordName: answer.NextRecordName,
    StartRecordType: answer.NextRecordType,
    StartRecordIdentifier: answer.NextRecordIdentifier,
  };
}

function publishedOf(config: Route53TargetConfig, sets: ResourceRecordSet[]): Published {
  const named = (name: string) => sets.filter((set) => nameInOneSpelling(set.Name) === nameInOneSpelling(name));
  const own = named(config.record);
  const excluding = config.type === 'CNAME' ? ['A', 'AAAA'] : ['CNAME'];
  return {
    sets: own.filter(({ Type }) => Type === config.type),
    conflicting: own.filter(({ Type = '' }) => excluding.includes(Type)),
    marker: named(markerNameOf(config)).find(({ Type }) => Type === 'TXT') ?? null,
  };
}
