import { stringify } from 'yaml';
import { createPlace, type Ended } from '../../cli/command.ts';
import { type FaultProxy, startFaultProxy } from '../../support/aws/faultProxy.ts';
import { runtimeEnvironment } from './deployment.ts';
import { region } from './installation.ts';
import type { Wire } from './support.ts';

/** `warren run` on a host. */
export interface Host {
  readonly vantage: string;
  /** Its own way to the tables. */
  readonly endpoint: FaultProxy;
  readonly pid: number;
  /** Sentences, until now. */
  said(): string[];
  /** Asks it to end, and waits for that. */
  stop(): Promise<Ended>;
  close(): Promise<void>;
}

/** A host that shares the tables of a deployment, and its configuration but for the store. It signs with its vantage as key. */
export async function startHost({ account, config, tables }: Wire, vantage: string): Promise<Host> {
  const endpoint = await startFaultProxy({ dynamodb: account.dynamodb.url });
  const place = createPlace();
  const store = `dynamodb:${tables.stateTable},${tables.historyTable}@${region}`;
  place.write('warren.yaml', stringify({ ...config, store }));
  const { child, ended, stdout } = place.start(['run', '--vantage', vantage, '--json'], {
    ...runtimeEnvironment(account, region, endpoint.url),
    AWS_ACCESS_KEY_ID: vantage,
  });
  const end = (signal: NodeJS.Signals) => {
    child.kill(signal);
    return ended;
  };
  return {
    vantage,
    endpoint,
    pid: child.pid ?? 0,
    said: () => sentencesIn(stdout()),
    stop: () => end('SIGTERM'),
    async close() {
      await end('SIGKILL');
      await endpoint.close();
      place.remove();
    },
  };
}

/** Of whole lines. */
const sentencesIn = (text: string): string[] =>
  text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line).sentence);
