import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { systemClock } from '../../adapters/system/clock.ts';
import { createCounters } from '../shared/counters.ts';
import { errorName } from '../shared/loggedError.ts';
import { readSettings } from '../shared/settings.ts';
import { type ApiGatewayHandler, createLambdaHandler } from '../shared/stack.ts';
import { controlOf, openStore, secretsOf } from '../shared/wiring.ts';
import { type ApiOptions, createApi } from './app.ts';
import { documentFile, logKinds } from './contract.ts';
import { authorizeByIam } from './iam.ts';

export interface ApiHandlerOptions extends Omit<ApiOptions, 'onFailure'> {
  /** Takes one line of JSON. */
  log: (line: string) => void;
}

/** The API as a Lambda function. What it is made of comes from whoever wires it: control, callers, the OpenAPI document. */
export function createApiHandler({ log, ...options }: ApiHandlerOptions): ApiGatewayHandler {
  const onFailure = (error: unknown, requestId: string) =>
    log(JSON.stringify({ kind: logKinds.failure, requestId, error: errorName(error) }));
  const app = createApi({ ...options, onFailure });
  return createLambdaHandler(app, { clock: options.clock, log, kind: logKinds.request });
}

let opened: ApiGatewayHandler | undefined;

/** As Lambda calls it. What it opens stays open for the next request. */
export const handler: ApiGatewayHandler = async (event, context) => {
  opened ??= openHandler(process.env);
  return await opened(event, context);
};

function openHandler(environment: NodeJS.ProcessEnv): ApiGatewayHandler {
  const settings = readSettings(environment);
  const counters = createCounters(secretsOf(settings));
  return createApiHandler({
    control: controlOf(settings, openStore(settings), { fencer: counters.of }),
    authorize: authorizeByIam,
    clock: systemClock,
    document: readFileSync(join(dirname(settings.configPath), documentFile), 'utf8'),
    // Not by console.log: what Lambda puts before each line would keep metric filters from reading it as JSON.
    log: (line) => void process.stdout.write(`${line}\n`),
  });
}
