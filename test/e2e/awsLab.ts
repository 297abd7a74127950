import { parse } from 'yaml';
import { labConfig, labPair } from '../../cli/labConfig.ts';
import type { Lab } from '../../lab/lab.ts';
import { labUsers, type SiteName, siteOf } from '../../lab/topology.ts';
import { until } from '../../lab/wait.ts';
import {
  type Account,
  type AccountOptions,
  openAccount,
  parameterName,
  publishRecord,
  secretArn,
} from '../lambdas/wire/account.ts';
import { deployTo } from '../lambdas/wire/deployment.ts';
import { everything, type Installed, recordOf } from '../lambdas/wire/support.ts';

/** A site of a pair, as people write it. */
type SiteInput = Record<'operatorCredentials' | 'fenceUsers' | 'fenceProof' | 'nodes', unknown>;

const [operator, app] = [labUsers.operator, labUsers.app].map(
  ({ name }) => `secretsmanager:${secretArn(name)}#login`,
) as [string, string];
const logins = { probe: `ssm:${parameterName(labUsers.probe.name)}`, app, operator };

/**
 * Deploys pairs whose two sides are the clusters of the lab, each with a record of its own in place of HAProxy, and traffic on beijing.
 * @param pairs by name, what of each is not as in the lab. That of the lab alone is fenced: a user is fenced for one pair only
 */
export async function installOnLab(
  lab: Lab,
  pairs: Record<string, object>,
  options: AccountOptions = {},
): Promise<Installed> {
  const addressesOf = (site: SiteName) => siteOf(lab.topology, site).nodes.map(({ address }) => address);
  const values = { beijing: addressesOf('beijing'), shanghai: addressesOf('shanghai') };
  const kept = Object.values(labUsers).map(({ name, password }) => [name, `${name}:${password}`]);
  const account = await openAccount(Object.fromEntries(kept), options);
  const names = Object.keys(pairs);
  for (const name of names) publishRecord(account, recordOf(name), values.beijing);
  const usual = parse(labConfig({ nodesPerSite: lab.topology.nodesPerSite, logins }));
  const [{ endpoint: _, ...pair }] = usual.pairs;
  const pairOf = (name: string) => ({
    ...pair,
    name,
    sites: name === labPair ? pair.sites : withoutFences(pair.sites),
    targets: [targetOf(account, name, values)],
    ...pairs[name],
  });
  const fleet = { maxFailovers: names.length };
  const deployment = await deployTo(account, { version: 1, fleet, pairs: names.map(pairOf) });
  return {
    ...deployment,
    account,
    values,
    async close() {
      await deployment.close();
      await account.close();
    },
  };
}

const targetOf = ({ route53 }: Account, name: string, values: object) => ({
  route53: { zone: route53.zone, record: recordOf(name), values, resolvers: [route53.dns] },
});

function withoutFences(sites: Record<string, SiteInput>): object {
  return Object.fromEntries(
    Object.entries(sites).map(([name, { operatorCredentials: _o, fenceUsers: _u, fenceProof: _p, ...site }]) => [
      name,
      site,
    ]),
  );
}

/** Resolves when Warren has said of the pair that both sides are well. */
export async function untilWell({ store }: Installed, pair: string = labPair): Promise<void> {
  const isWell = async () => {
    const [newest] = await store.listDecisions(pair, everything);
    return newest?.decision.reason === 'all-well' ? undefined : String(newest?.decision.sentence);
  };
  await until(isWell, { what: `both sides of ${pair} to be well`, timeoutMs: 60_000 });
}
