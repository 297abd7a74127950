import { dirname } from 'node:path';
import { createSecrets } from '../../adapters/aws/secrets.ts';
import type { FencerOptions } from '../../adapters/rabbitmq/fence.ts';
import type { Credentials, CredentialsSource } from '../../adapters/rabbitmq/prober.ts';
import { systemClock } from '../../adapters/system/clock.ts';
import { type AwsSecrets, resolveSecret, resolveText } from '../../adapters/system/secret.ts';
import type { Pair } from '../../core/model/config.ts';

/** Where secrets are looked for: the environment, files relative to the configuration, and AWS. */
export interface SecretSource {
  configPath: string;
  environment: NodeJS.ProcessEnv;
  /** By default what this process knows of AWS, whoever asked for it first. */
  aws?: AwsSecrets;
}

const awsSecrets = createSecrets({ clock: systemClock });

/** Closes connections to AWS that secrets were read over; what is asked for later opens new ones. */
export function restSecrets(): void {
  awsSecrets.close();
}

/** The text that a reference stands for. @throws SecretError */
export function secretText(reference: string, { configPath, environment, aws }: SecretSource): Promise<string> {
  return resolveText(reference, environment, dirname(configPath), aws ?? awsSecrets.resolve);
}

/** The login that a reference stands for. @throws SecretError */
export function secretLogin(reference: string, { configPath, environment, aws }: SecretSource): Promise<Credentials> {
  return resolveSecret(reference, environment, dirname(configPath), aws ?? awsSecrets.resolve);
}

/** How the prober gets its credentials, by site. Asked again for each connection, so that a rotated secret is picked up. */
export function credentialsOf(pair: Pair, source: SecretSource): Record<string, CredentialsSource> {
  return Object.fromEntries(
    Object.entries(pair.sites).map(([site, { probeCredentials }]) => [
      site,
      () => secretLogin(probeCredentials, source),
    ]),
  );
}

/** How the fence gets its credentials, by site; sites without fenced users are left out. */
export function fenceCredentialsOf(pair: Pair, source: SecretSource): FencerOptions['credentials'] {
  const sites = Object.entries(pair.sites).flatMap(([site, { operatorCredentials, fenceProof }]) => {
    if (operatorCredentials === undefined) return [];
    const operator = () => secretLogin(operatorCredentials, source);
    return [
      [site, { operator, proof: fenceProof === undefined ? null : () => secretLogin(fenceProof, source) }] as const,
    ];
  });
  return Object.fromEntries(sites);
}
