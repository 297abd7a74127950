import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import type { Source, SourceSettings } from './sources.ts';
import { SecretUnavailable } from './unavailable.ts';

/** The Parameter Store of AWS Systems Manager. */
export function openParameterStore(settings: SourceSettings): Source {
  const client = new SSMClient(settings);
  return {
    async fetch(Name, abortSignal) {
      const { Parameter } = await client.send(new GetParameterCommand({ Name, WithDecryption: true }), { abortSignal });
      if (!Parameter?.Value) throw new SecretUnavailable('it holds no text', true);
      return Parameter.Value;
    },
    close: () => client.destroy(),
  };
}
