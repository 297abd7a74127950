import * as z from 'zod';
import { configSchema } from '../../core/model/config.ts';

/** A JSON Schema, as far as it is looked into here. */
export interface JsonSchema {
  type?: string;
  description?: string;
  default?: unknown;
  /** Ours: the value is a reference to a secret, and may by mistake be the secret. */
  secret?: boolean;
  properties?: Record<string, JsonSchema>;
  additionalProperties?: JsonSchema | boolean;
  items?: JsonSchema;
}

let published: JsonSchema | undefined;

/** The published JSON Schema of `warren.yaml` (draft 2020-12), of what people write: for editor completion. Made once. */
export function configJsonSchema(): JsonSchema {
  published ??= z.toJSONSchema(configSchema, { io: 'input' }) as JsonSchema;
  return published;
}

/** The part of a schema that describes the value at a path; undefined where the schema knows no such path. */
export function schemaAt(schema: JsonSchema, path: readonly PropertyKey[]): JsonSchema | undefined {
  return path.reduce<JsonSchema | undefined>((at, key) => {
    if (typeof key === 'number') return at?.items;
    const { properties = {}, additionalProperties } = at ?? {};
    if (Object.hasOwn(properties, key)) return properties[String(key)];
    return typeof additionalProperties === 'object' ? additionalProperties : undefined;
  }, schema);
}
