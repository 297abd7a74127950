import { dirname } from 'node:path';
import type { CredentialsSource } from '../adapters/rabbitmq/prober.ts';
import { resolveSecret, SecretError } from '../adapters/system/secret.ts';
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

/** Tries every secret that will be needed. @throws SecretError that lists all that cannot be had, each with its path */
export async function requireSecrets(config: Config, source: SecretSource): Promise<void> {
  const problems: string[] = [];
  for (const [index, pair] of config.pairs.entries()) {
    for (const [site, { probeCredentials }] of Object.entries(pair.sites)) {
      try {
        await resolve(probeCredentials, source);
      } catch (error) {
        if (!(error instanceof SecretError)) throw error;
        problems.push(`  pairs[${index}].sites.${site}.probeCredentials: ${error.message}`);
      }
    }
  }
  if (problems.length === 0) return;
  const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`;
  throw new SecretError(`${source.configPath}: ${count} with secrets\n${problems.join('\n')}`);
}

function resolve(reference: string, { configPath, environment }: SecretSource) {
  return resolveSecret(reference, environment, dirname(configPath));
}
