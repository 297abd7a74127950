/** A copy of plain data that nobody can change: it can be handed to many without being copied again. */
export function frozenCopyOf<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return Object.freeze(value.map(frozenCopyOf)) as T;
  const copy: Record<string, unknown> = {};
  for (const key of Object.keys(value)) copy[key] = frozenCopyOf((value as Record<string, unknown>)[key]);
  return Object.freeze(copy) as T;
}
