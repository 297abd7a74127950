import { type ApiGatewayHandler, createLambdaHandler } from '../shared/stack.ts';
import { type ApiOptions, createApi } from './app.ts';
import { logKinds } from './contract.ts';

export interface ApiHandlerOptions extends Omit<ApiOptions, 'onFailure'> {
  /** Takes one line of JSON. */
  log: (line: string) => void;
}

/** The API as a Lambda function. What it is made of comes from whoever wires it: control, callers, the OpenAPI document. */
export function createApiHandler({ log, ...options }: ApiHandlerOptions): ApiGatewayHandler {
  const onFailure = (error: unknown, requestId: string) =>
    log(JSON.stringify({ kind: logKinds.failure, requestId, error: failureName(error) }));
  const app = createApi({ ...options, onFailure });
  return createLambdaHandler(app, { clock: options.clock, log, kind: logKinds.request });
}

/** The kind of error only: its message may quote what nobody should read in a log. */
function failureName(error: unknown): string {
  return error instanceof Error ? error.name : typeof error;
}
