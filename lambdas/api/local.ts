import type { Control } from '../../core/flow/control/control.ts';
import type { Clock, Notifier } from '../../core/flow/ports.ts';
import type { ApiConfig } from '../../core/model/config.ts';
import type { Severity } from '../../core/model/decision.ts';
import { errorName } from '../shared/loggedError.ts';
import { type Served, serve } from '../shared/serve.ts';
import { createApi } from './app.ts';
import { openApiDocument } from './document.ts';
import { createTokenAuthorizer } from './tokens.ts';

export interface LocalApiOptions {
  api: ApiConfig;
  control: Control;
  clock: Clock;
  /** The text that a reference stands for. May reject. */
  secret: (reference: string) => Promise<string>;
  notifier: Notifier;
  signal: AbortSignal;
}

/** Serves the API of a local service until the signal aborts. @throws ListenError */
export async function serveApi(options: LocalApiOptions): Promise<Served> {
  const { api, control, clock, secret, signal } = options;
  const tell = teller(options);
  const app = createApi({
    control,
    clock,
    document: openApiDocument(),
    authorize: createTokenAuthorizer({
      tokens: api.tokens.map(({ name, scope, token }) => ({ name, scope, resolve: () => secret(token) })),
      clock,
      onUnusable: (name) =>
        tell('warning', `The API token of ${name} cannot be used now: it cannot be had, or is too short.`, { name }),
    }),
    onFailure: (error, requestId) => {
      const kind = errorName(error);
      tell('warning', `The API could not answer request ${requestId} because of an error in Warren (${kind}).`, {
        requestId,
        error: kind,
      });
    },
  });
  const served = await serve({ listen: api.listen, signal, fetch: (request, from) => app.fetch(request, from) });
  const open = isLoopback(served.url) ? '' : ' Tokens travel in the clear there: put a proxy with TLS in front of it.';
  tell(open === '' ? 'info' : 'warning', `The API listens on ${served.url}.${open}`, { api: served.url });
  return served;
}

const isLoopback = (url: string) => /^http:\/\/(127\.|localhost:|\[::1\])/.test(url);

function teller({ notifier, clock }: LocalApiOptions) {
  return (severity: Severity, sentence: string, data: Record<string, unknown>) =>
    notifier.notify({ atMs: clock.nowMs(), pair: '', kind: 'service', severity, sentence, data });
}
