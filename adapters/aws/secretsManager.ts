import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { Source, SourceSettings } from './sources.ts';
import { SecretUnavailable } from './unavailable.ts';

/** AWS Secrets Manager. An ARN has no `#`; what follows one is a key of the JSON object that the secret is. */
export function openSecretsManager(settings: SourceSettings): Source {
  const client = new SecretsManagerClient(settings);
  return {
    async fetch(name, abortSignal) {
      const [SecretId = '', key] = name.split('#', 2);
      const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId }), { abortSignal });
      if (!SecretString) throw new SecretUnavailable('it holds no text', true);
      return key === undefined ? SecretString : valueUnder(SecretString, key);
    },
    close: () => client.destroy(),
  };
}

function valueUnder(text: string, key: string): string {
  try {
    const value = (JSON.parse(text) as Record<string, unknown> | null)?.[key];
    if (typeof value === 'string' && value !== '') return value;
    if (typeof value === 'object' && value !== null) return JSON.stringify(value);
  } catch {
    // The parser's own message would quote the secret.
    throw new SecretUnavailable('it is no JSON, so it has no keys', true);
  }
  throw new SecretUnavailable(`it has no text under the key ${key}`, true);
}
