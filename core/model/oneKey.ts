import * as z from 'zod';

/**
 * An object with exactly one of these keys, which says what kind of thing it is. Unlike a union it can tell what is wrong
 * inside the one that is there.
 */
export function oneKeyOf<Shape extends z.ZodRawShape>(shape: Shape) {
  const optional = Object.fromEntries(Object.entries(shape).map(([key, schema]) => [key, z.optional(schema)]));
  const kinds = Object.keys(shape).join(', ');
  return z
    .strictObject(optional as { [Key in keyof Shape]: z.ZodOptional<Shape[Key]> })
    .refine((value) => Object.values(value).filter((kind) => kind !== undefined).length === 1, {
      error: `expected exactly one of ${kinds}`,
    });
}
