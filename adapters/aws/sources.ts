import { within } from '../../core/flow/deadline.ts';
import { SecretUnavailable, unavailableOf } from './unavailable.ts';

/** Where the values of secrets come from. */
export interface Source {
  /** @throws SecretUnavailable */
  fetch(reference: string, signal: AbortSignal): Promise<string>;
  /** Closes connections. */
  close(): void;
}

export type SourceSettings = ReturnType<typeof settingsFor>;

const settingsFor = (region: string) => ({
  // One more than once: a connection that was idle for long is often found closed.
  maxAttempts: 2,
  requestHandler: { connectionTimeout: 1_000, requestTimeout: 2_000, throwOnRequestTimeout: true },
  ...(region === '' ? {} : { region }),
});

/** By scheme. Loaded when first needed, and by files of ours: bundled, these hold no more of the SDK than they name. */
const open: Record<string, (settings: SourceSettings) => Promise<Source>> = {
  secretsmanager: async (settings) => (await import('./secretsManager.ts')).openSecretsManager(settings),
  ssm: async (settings) => (await import('./parameterStore.ts')).openParameterStore(settings),
};

/**
 * Secrets Manager and the Parameter Store through the AWS SDK, in the Region that an ARN names, else in its default one.
 * Credentials and endpoints are found as it always does, so `AWS_ENDPOINT_URL_SECRETS_MANAGER` is heard. Once closed, a later
 * `fetch` opens new connections.
 */
export function createSources(): Source {
  let opened = new Map<string, Promise<Source>>();
  const sourceFor = (scheme: string, region: string) => {
    const key = `${scheme} ${region}`;
    const source = opened.get(key) ?? open[scheme]?.(settingsFor(region));
    if (!source) throw new SecretUnavailable('AWS is not asked for this', true);
    opened.set(key, source);
    return source;
  };
  return {
    async fetch(reference, signal) {
      const [, scheme = '', rest = ''] = reference.match(/^(\w+):(.*)$/s) ?? [];
      const work = async () => await (await sourceFor(scheme, regionOf(rest))).fetch(rest, signal);
      // Finding credentials does not listen to a signal.
      return await within(signal, work(), late).catch((error) => {
        throw unavailableOf(error, signal);
      });
    },
    close() {
      for (const source of opened.values())
        source.then(
          (each) => each.close(),
          () => {},
        );
      opened = new Map();
    },
  };
}

const late = () => new SecretUnavailable('no answer in time', false);

/** The fourth part of an ARN (AWS General Reference, "Amazon Resource Names"); empty when it is none. */
function regionOf(name: string): string {
  return name.startsWith('arn:') ? (name.split(':')[3] ?? '') : '';
}
