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

/** For one record: its marker sorts soon after it, and one page has both, unless many names or sets are between. */
const pageItems = 20;
/** For several, between which other names may be: "ListResourceRecordSets", MaxItems. */
const pageItemsMax = 300;
/** For each record. One of ours has one set or two; a name may have 100 weighted ones ("Quotas", per weighted group). */
const pagesMax = 7;

/** Asks for one page of the zone. */
export type Page = (
  request: Omit<ListResourceRecordSetsRequest, 'HostedZoneId'>,
) => Promise<ListResourceRecordSetsResponse>;
type Start = Pick<ListResourceRecordSetsRequest, 'StartRecordName' | 'StartRecordType' | 'StartRecordIdentifier'>;

/**
 * Lists the sets of some names of one zone and their markers, and as little else as it can. The answer includes changes that are
 * not yet on every name server ("ListResourceRecordSets": PENDING).
 * @returns for each record, in the same order
 */
export async function listPublished(configs: Route53TargetConfig[], page: Page): Promise<Published[]> {
  const names = [...new Set(configs.flatMap((config) => [config.record, markerNameOf(config)]).map(nameInOneSpelling))];
  names.sort(inZoneOrder);
  const sets: ResourceRecordSet[] = [];
  const MaxItems = configs.length > 1 ? pageItemsMax : pageItems;
  let start: Start | null = { StartRecordName: names[0] };
  for (let pages = 0; start; pages += 1) {
    if (pages === pagesMax * configs.length)
      throw new Error('the zone has more record sets between the records than Warren reads');
    const answer: ListResourceRecordSetsResponse = await page({ ...start, MaxItems });
    sets.push(...(answer.ResourceRecordSets ?? []));
    start = nextStart(names, answer);
  }
  return configs.map((config) => publishedOf(config, sets));
}

/** Where the list goes on, or further ahead, if none of the names is before. */
function nextStart(names: string[], answer: ListResourceRecordSetsResponse): Start | null {
  if (!answer.IsTruncated) return null;
  const next = nameInOneSpelling(unescaped(answer.NextRecordName));
  const ahead = names.find((name) => inZoneOrder(name, next) >= 0);
  if (ahead === undefined) return null;
  if (ahead !== next) return { StartRecordName: ahead };
  return {
    StartRecordName: answer.NextRecordName,
    StartRecordType: answer.NextRecordType,
    StartRecordIdentifier: answer.NextRecordIdentifier,
  };
}

/** "ListResourceRecordSets", Sort order: by labels from the last one, with the final dot, in the order of ASCII. */
function inZoneOrder(one: string, other: string): number {
  const [left, right] = [one, other].map((name) => `${name.split('.').reverse().join('.')}.`) as [string, string];
  return left < right ? -1 : Number(left > right);
}

/** "ListResourceRecordSets": what is no letter, digit, hyphen or underscore is told as an octal number, as in `\052`. */
function unescaped(name = ''): string {
  return name.replaceAll(/\\(\d{3})/g, (_, octal) => String.fromCharCode(Number.parseInt(octal, 8)));
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
