/** Names that the function and whoever deploys it agree on. Imports nothing, so that infrastructure code can read it. */

/** The OpenAPI document, a file beside the bundle. */
export const documentFile = 'openapi.json';

/** Fields of the line that is logged for each request, for metric filters. */
export const requestLogFields = ['kind', 'requestId', 'method', 'path', 'status', 'durationMs', 'from'] as const;

/** The `kind` of the lines that are logged. */
export const logKinds = { request: 'api-request', failure: 'api-failure' } as const;

/** Metrics that are made of these lines. */
export const metricNames = { requests: 'ApiRequests', failures: 'ApiFailures' } as const;
