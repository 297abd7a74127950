import { readFileSync } from 'node:fs';

/** The OpenAPI document as it is checked in: generated from the schemas by `npm run docs`. */
export function openApiDocument(): string {
  return readFileSync(new URL('../../docs/openapi.json', import.meta.url), 'utf8');
}
