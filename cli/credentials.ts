import { dirname } from 'node:path';
import type { CredentialsSource } from '../adapters/rabbitmq/prober.ts';
import { resolveSecret, resolveText, SecretError } from '../adapters/system/secret.ts';
import type { Config, Pair } from '../core/model/config.ts';

/** Where secrets are looked for: the environment, and files relative to the configuration. */
export interface SecretSource {
  configPath: string;
  environment: NodeJS.ProcessEnv;
}

/** How the prober gets its credentials, by site. Asked again for each connection, so that a rotated file is picked up. */
export function credentialsOf(pair: Pair, source: SecretSource): Record<string, CredentialsSource> {
  return Object.fromEntries(
    Object.entries(pair.sites).map(([site, { probeCredentials }]) => [site, () => resolve(probeCredentials, source)]),
  );
}

/** The text that a reference stands for. @throws SecretError */
export function secretText(reference: string, { configPath, environment }: SecretSource): Promise<string> {
  return resolveText(reference, environment, dirname(configPath));
}

/** Tries every secret that will be needed. @throws SecretError that lists all that cannot be had, each with its path */
export async function requireSecrets(config: Config, source: SecretSource): Promise<void> {
  const tried = await Promise.allSettled(
    Object.entries(neededSecrets(config, source)).map(async ([path, resolved]) => {
      await resolved.catch((error) => {
        throw error instanceof SecretError ? new SecretError(`  ${path}: ${error.message}`) : error;
      });
    }),
  );
  const failures = tried.flatMap((result) => (result.status === 'rejected' ? [result.reason as Error] : []));
  const unforeseen = failures.find((error) => !(error instanceof SecretError));
  if (unforeseen) throw unforeseen;
  if (failures.length === 0) return;
  const count = failures.length === 1 ? '1 problem' : `${failures.length} problems`;
  throw new SecretError(
    `${source.configPath}: ${count} with secrets\n${failures.map(({ message }) => message).join('\n')}`,
  );
}

/** By path in the configuration. */
function neededSecrets({ pairs }: Config, source: SecretSource): Record<string, Promise<unknown>> {
  const needed: Record<string, Promise<unknown>> = {};
  pairs.forEach((pair, index) => {
    for (const [site, { probeCredentials }] of Object.entries(pair.sites))
      needed[`pairs[${index}].sites.${site}.probeCredentials`] = resolve(probeCredentials, source);
    pair.notify.forEach(({ webhook: { url, secret } }, place) => {
      needed[`pairs[${index}].notify[${place}].webhook.url`] = secretText(url, source);
      if (secret !== undefined) needed[`pairs[${index}].notify[${place}].webhook.secret`] = secretText(secret, source);
    });
  });
  return needed;
}

function resolve(reference: string, { configPath, environment }: SecretSource) {
  return resolveSecret(reference, environment, dirname(configPath));
}
