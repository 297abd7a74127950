import { keySecretProblem } from '../adapters/dns/key.ts';
import type { Credentials } from '../adapters/rabbitmq/prober.ts';
import { SecretError } from '../adapters/system/secret.ts';
import type { Config, Pair } from '../core/model/config.ts';
import { tokenProblem } from '../lambdas/api/tokens.ts';
import { type SecretSource, secretLogin, secretText } from '../lambdas/shared/credentials.ts';

export { type SecretSource, secretText };

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
    for (const [site, login] of Object.entries(pair.sites))
      for (const [key, resolved] of Object.entries(loginsOf(login, source)))
        needed[`pairs[${index}].sites.${site}.${key}`] = resolved;
    pair.targets.forEach(({ dns }, place) => {
      if (dns) needed[`pairs[${index}].targets[${place}].dns.key.secret`] = dnsKey(dns.key.secret, source);
    });
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

/** @throws SecretError also when no key can be made of it */
async function dnsKey(reference: string, source: SecretSource): Promise<void> {
  const problem = keySecretProblem(await secretText(reference, source));
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

/** Who probes and who fences must not be shut out with the applications. @throws SecretError */
async function freeLogin(resolved: Promise<Credentials>, fenceUsers: string[]): Promise<Credentials> {
  const login = await resolved;
  if (!fenceUsers.includes(login.username)) return login;
  throw new SecretError(`is the login of ${login.username}, expected a user that is not one of fenceUsers`);
}

/** What is presented to the brokers of a site, by key. */
function loginsOf(site: Pair['sites'][string], source: SecretSource): Record<string, Promise<Credentials>> {
  const { probeCredentials, operatorCredentials, fenceProof, fenceUsers } = site;
  const needed: Record<string, Promise<Credentials>> = {};
  for (const [key, reference] of Object.entries({ probeCredentials, operatorCredentials }))
    if (reference !== undefined) needed[key] = freeLogin(secretLogin(reference, source), fenceUsers);
  if (fenceProof !== undefined) needed.fenceProof = fencedLogin(secretLogin(fenceProof, source), fenceUsers);
  return needed;
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
