import type { Config, Pair } from '../core/model/config.ts';

/** A reference to a secret, and where in the configuration it is. */
export interface SecretReference {
  /** Such as `pairs[0].sites.beijing.probeCredentials`. */
  path: string;
  /** Such as `secretsmanager:arn:…`; never the secret. */
  reference: string;
}

const schemes = /^(env|file|secretsmanager|ssm):/;

/**
 * Every reference to a secret that the functions need: in pairs. The tokens under `api` are for `warren run`; on AWS callers are
 * known by IAM.
 */
export function secretReferences({ pairs }: Pick<Config, 'pairs'>): SecretReference[] {
  return pairs.flatMap((pair, index) => referencesOf(pair, `pairs[${index}]`));
}

/** What the schema marks as a secret, by its place: a URL of a node begins with a scheme too. */
function referencesOf(pair: Pair, path: string): SecretReference[] {
  return Object.entries(pair.sites)
    .flatMap(([site, { probeCredentials, operatorCredentials, fenceProof }]) =>
      named(`${path}.sites.${site}`, { probeCredentials, operatorCredentials, fenceProof }),
    )
    .concat(named(`${path}.hooks.before`, { url: pair.hooks.before?.url, secret: pair.hooks.before?.secret }))
    .concat(named(`${path}.hooks.after`, { url: pair.hooks.after?.url, secret: pair.hooks.after?.secret }))
    .concat(
      pair.notify.flatMap(({ webhook }, index) =>
        named(`${path}.notify[${index}].webhook`, { url: webhook?.url, secret: webhook?.secret }),
      ),
    )
    .concat(pair.targets.flatMap((target, index) => keySecrets(target, `${path}.targets[${index}]`)));
}

/** Of targets that are signed for: a kind whose `key` has a `secret`. */
function keySecrets(target: Record<string, unknown>, path: string): SecretReference[] {
  return Object.entries(target).flatMap(([kind, config]) => {
    const { key } = (config ?? {}) as { key?: { secret?: string } };
    return named(`${path}.${kind}.key`, { secret: key?.secret });
  });
}

function named(path: string, values: Record<string, string | undefined>): SecretReference[] {
  return Object.entries(values).flatMap(([key, reference]) =>
    reference === undefined || !schemes.test(reference) ? [] : [{ path: `${path}.${key}`, reference }],
  );
}

/** Can a function resolve it? It has neither the environment nor the files of the machine that deploys it. */
export function isReadableByFunctions({ reference }: SecretReference): boolean {
  return /^(secretsmanager|ssm):/.test(reference);
}

/** The topics that pairs are told by. */
export function topicArns({ pairs }: Pick<Config, 'pairs'>): string[] {
  const topics = pairs.flatMap(({ notify }) => notify.flatMap(({ sns }) => (sns ? [sns.topic] : [])));
  return [...new Set(topics)];
}
