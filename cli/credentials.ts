import { dirname } from 'node:path';
import type { FencerOptions } from '../adapters/rabbitmq/fence.ts';
import type { Credentials, CredentialsSource } from '../adapters/rabbitmq/prober.ts';
import { resolveSecret, resolveText, SecretError } from '../adapters/system/secret.ts';
import type { Config, Pair } from '../core/model/config.ts';
import { tokenProblem } from '../lambdas/api/tokens.ts';

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

/** How the fence gets its credentials, by site; sites without fenced users are left out. */
export function fenceCredentialsOf(pair: Pair, source: SecretSource): FencerOptions['credentials'] {
  const sites = Object.entries(pair.sites).flatMap(([site, { operatorCredentials, fenceProof }]) => {
    if (operatorCredentials === undefined) return [];
    const operator = () => resolve(operatorCredentials, source);
    return [[site, { operator, proof: fenceProof === undefined ? null : () => resolve(fenceProof, source) }] as const];
  });
  return Object.fromEntries(sites);
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
function neededSecrets({ pairs, api }: Config, source: SecretSource): Record<string, Promise<unknown>> {
  const needed: Record<string, Promise<unknown>> = {};
  pairs.forEach((pair, index) => {
    for (const [path, reference] of Object.entries(logins(pair)))
      needed[`pairs[${index}].${path}`] = resolve(reference, source);
    for (const [site, { fenceProof, fenceUsers }] of Object.entries(pair.sites))
      if (fenceProof !== undefined)
        needed[`pairs[${index}].sites.${site}.fenceProof`] = fencedLogin(resolve(fenceProof, source), fenceUsers);
    for (const [path, reference] of Object.entries(addressees(pair)))
      needed[`pairs[${index}].${path}`] = secretText(reference, source);
  });
  api?.tokens.forEach(({ token }, index) => {
    needed[`api.tokens[${index}].token`] = apiToken(token, source);
  });
  return needed;
}

/** @throws SecretError also when it is no token that the API would know anybody by */
async function apiToken(reference: string, source: SecretSource): Promise<void> {
  const problem = tokenProblem(await secretText(reference, source));
  if (problem !== null) throw new SecretError(`${reference}: ${problem}`);
}

/** A login that the fence does not refuse would prove nothing. @throws SecretError that names who it should be */
async function fencedLogin(resolved: Promise<Credentials>, fenceUsers: string[]): Promise<Credentials> {
  const login = await resolved;
  if (fenceUsers.includes(login.username)) return login;
  throw new SecretError(
    `is the login of ${login.username}, expected one of fenceUsers: ${fenceUsers.join(', ') || 'none'}`,
  );
}

/** References to what is presented to brokers, by path within the pair. */
function logins({ sites }: Pair): Record<string, string> {
  const references: Record<string, string> = {};
  for (const [site, { probeCredentials, operatorCredentials }] of Object.entries(sites))
    for (const [key, reference] of Object.entries({ probeCredentials, operatorCredentials }))
      if (reference !== undefined) references[`sites.${site}.${key}`] = reference;
  return references;
}

/** References to the URLs and secrets of everybody who is told or asked, by path within the pair. */
function addressees({ notify, hooks }: Pair): Record<string, string> {
  const references: Record<string, string> = {};
  const add = (path: string, { url, secret }: { url: string; secret?: string | undefined }) => {
    references[`${path}.url`] = url;
    if (secret !== undefined) references[`${path}.secret`] = secret;
  };
  notify.forEach((destination, place) => {
    if (destination.webhook) add(`notify[${place}].webhook`, destination.webhook);
  });
  for (const [moment, hook] of Object.entries(hooks)) if (hook) add(`hooks.${moment}`, hook);
  return references;
}

function resolve(reference: string, { configPath, environment }: SecretSource) {
  return resolveSecret(reference, environment, dirname(configPath));
}
