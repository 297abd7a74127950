import { changingRoutes } from './changing.ts';
import { readingRoutes } from './reading.ts';
import type { Route } from './route.ts';

/** Every route but `GET /openapi.json`, which is a file. */
export const routes: readonly Route[] = [...readingRoutes, ...changingRoutes];

/** Where the OpenAPI document is. */
export const documentPath = '/openapi.json';
