import { Elbv2Refusal, type Fields, structuresOf, validationError } from './elbv2Form.ts';

const tagsMax = 50;
/** API, "Tag", and the guides, "Tag your listeners": letters, spaces, digits and these. */
const characters = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;

/**
 * What AddTags makes of a resource's tags. API, AddTags, "Errors"; ALB guide, "Tags": 50 for each resource, keys of 128 and
 * values of 256 characters, `aws:` reserved.
 * @throws Elbv2Refusal
 */
export function withTags(before: ReadonlyMap<string, string>, request: Fields): Map<string, string> {
  const tags = structuresOf(request.Tags).map(({ Key, Value }) => [String(Key ?? ''), String(Value ?? '')] as const);
  if (tags.length === 0) throw validationError('Tags are required');
  if (new Set(tags.map(([key]) => key)).size < tags.length)
    throw new Elbv2Refusal(400, 'DuplicateTagKeys', 'A tag key was specified more than once');
  for (const [key, value] of tags) checkTag(key, value);
  const after = new Map([...before, ...tags]);
  if (after.size > tagsMax) throw new Elbv2Refusal(400, 'TooManyTags', `A resource has at most ${tagsMax} tags`);
  return after;
}

function checkTag(key: string, value: string): void {
  if (key.length < 1 || key.length > 128) throw validationError('A tag key has 1 to 128 characters');
  if (value.length > 256) throw validationError('A tag value has at most 256 characters');
  if (!characters.test(key) || !characters.test(value)) throw validationError('The tag has invalid characters');
  if (key.toLowerCase().startsWith('aws:')) throw validationError('Tag keys that begin with aws: are reserved');
}
