/**
 * Divides a list, in its order, so that no part is longer than this as JSON; what alone is longer is a part of its own.
 * @returns no part of an empty list
 */
export function inParts<T>(items: readonly T[], charactersMax: number): T[][] {
  const parts: T[][] = [];
  let left = 0;
  for (const item of items) {
    const characters = JSON.stringify(item).length + 1;
    if (characters > left) {
      parts.push([]);
      left = charactersMax;
    }
    parts.at(-1)?.push(item);
    left -= characters;
  }
  return parts;
}
