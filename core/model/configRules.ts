import type { Config, HaproxyTargetConfig, Pair } from './config.ts';
import { formatDuration } from './duration.ts';

/** One thing wrong with a configuration: where, what is there (never a secret), and what belongs there instead. */
export interface ConfigProblem {
  /** Such as `pairs[0].probe.every`. */
  path: string;
  value: string;
  expected: string;
}

/** Notes a problem at a path relative to the part that is being checked. */
type Report = (path: string, value: string, expected: string) => void;

/**
 * The rules that look at several keys at once; those of single keys are in the schema.
 * @param pairs in the file's order; undefined where a pair did not parse, so that the others are checked all the same
 */
export function configProblems(pairs: readonly (Pair | undefined)[]): ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  const report: Report = (path, value, expected) => problems.push({ path, value, expected });
  pairs.forEach((pair, index) => {
    if (pair) for (const rule of pairRules) rule(pair, (path, ...rest) => report(`pairs[${index}].${path}`, ...rest));
  });
  checkAcrossPairs(pairs, report);
  return problems;
}

const pairRules: ((pair: Pair, report: Report) => void)[] = [
  checkRoles,
  checkNodes,
  checkIdentities,
  checkFences,
  checkVotes,
  checkTimes,
  checkTargets,
];

function checkRoles({ primary, standby, sites }: Pair, report: Report): void {
  if (primary === standby) report('standby', quote(standby), 'another site than the primary');
  for (const site of Object.keys(sites))
    if (site !== primary && site !== standby)
      report(`sites.${site}`, 'a site that is neither primary nor standby', `only ${primary} and ${standby}`);
  for (const [role, site] of Object.entries({ primary, standby }))
    if (!Object.hasOwn(sites, site)) report(role, quote(site), `one of the sites: ${Object.keys(sites).join(', ')}`);
}

function checkNodes({ sites, probe }: Pair, report: Report): void {
  const names = new Map<string, string>();
  const addresses = new Map<string, string>();
  for (const [site, { nodes }] of Object.entries(sites)) {
    nodes.forEach((node, index) => {
      const path = `sites.${site}.nodes[${index}]`;
      reportRepeated(names, node.name, `${path}.name`, report);
      reportRepeated(addresses, amqpAddress(node.amqp), `${path}.amqp`, report);
    });
    if (probe.minNodes > nodes.length)
      report('probe.minNodes', String(probe.minNodes), `at most ${nodes.length}, the number of nodes of ${site}`);
  }
}

/** Two names for one cluster would let traffic fail over from a side to itself. */
function checkIdentities({ sites }: Pair, report: Report): void {
  const seen = new Map<string, string>();
  for (const [site, { clusterName }] of Object.entries(sites))
    if (clusterName !== undefined) reportRepeated(seen, clusterName, `sites.${site}.clusterName`, report);
}

function checkFences({ sites, failover }: Pair, report: Report): void {
  for (const [site, { fenceUsers, operatorCredentials, nodes }] of Object.entries(sites)) {
    if (fenceUsers.length === 0 && failover.unfenced === 'wait')
      report(
        `sites.${site}.fenceUsers`,
        'nothing',
        'at least one user, because `failover.unfenced: wait` asks for the fence',
      );
    if (fenceUsers.length === 0) continue;
    if (!operatorCredentials)
      report(`sites.${site}.operatorCredentials`, 'nothing', 'an administrator, because fenceUsers are to be fenced');
    nodes.forEach((node, index) => {
      if (node.management === undefined)
        report(
          `sites.${site}.nodes[${index}].management`,
          'nothing',
          'an address, because the fence is proven at each node',
        );
    });
  }
}

function checkVotes({ vantages, failover }: Pair, report: Report): void {
  const seen = new Map<string, string>();
  vantages.forEach((vantage, index) => {
    reportRepeated(seen, vantage, `vantages[${index}]`, report);
  });
  const voters = Math.max(1, vantages.length);
  if (failover.quorum !== 'majority' && failover.quorum > voters)
    report('failover.quorum', String(failover.quorum), `at most ${voters}, the number of vantages`);
  if (failover.maxLagMessages !== undefined)
    report(
      'failover.maxLagMessages',
      String(failover.maxLagMessages),
      'nothing: no source of lag can be configured yet',
    );
}

const hourMs = 3_600_000;

function checkTimes({ probe, failover, hooks, drill }: Pair, report: Report): void {
  const within = (path: string, ms: number, leastMs: number, mostMs: number) => {
    if (ms < leastMs) report(path, formatDuration(ms), `at least ${formatDuration(leastMs)}`);
    else if (ms > mostMs) report(path, formatDuration(ms), `at most ${formatDuration(mostMs)}`);
  };
  within('probe.recheck', probe.recheckMs, 100, hourMs);
  within('probe.every', probe.everyMs, 100, hourMs);
  within('probe.fullEvery', probe.fullEveryMs, 100, hourMs);
  within('probe.timeout', probe.timeoutMs, 1, 60_000);
  within('failover.fenceBudget', failover.fenceBudgetMs, 1, 600_000);
  within('failover.fenceFor', failover.fenceForMs, 0, 7 * 24 * hourMs);
  within('drill.hold', drill.holdMs, 1_000, 24 * hourMs);
  // An operation that waits longer than its lease may be taken over meanwhile.
  for (const [moment, hook] of Object.entries(hooks))
    if (hook) within(`hooks.${moment}.timeout`, hook.timeoutMs, 1, 4_000);
  if (probe.recheckMs > probe.everyMs)
    report('probe.recheck', formatDuration(probe.recheckMs), `at most probe.every, ${formatDuration(probe.everyMs)}`);
  if (probe.recheckMs > probe.fullEveryMs)
    report('probe.fullEvery', formatDuration(probe.fullEveryMs), 'at least probe.recheck');
}

function checkTargets({ sites, targets }: Pair, report: Report): void {
  targets.forEach(({ haproxy }, index) => {
    const path = `targets[${index}].haproxy`;
    checkServers(haproxy, Object.keys(sites), (below, ...rest) => report(`${path}.${below}`, ...rest));
    const port = Number(haproxy.address.match(/:(\d+)$/)?.[1] ?? 1);
    if (port < 1 || port > 65_535) report(`${path}.address`, quote(haproxy.address), 'a port between 1 and 65535');
  });
}

/** What HAProxy itself accepts as a name; anything else could be read as another command of its runtime API. */
const haproxyName = /^[A-Za-z0-9_.:-]+$/;
const haproxyNameExpected = 'a name of letters, digits and _ . : -';

function checkServers({ backend, servers }: HaproxyTargetConfig, sites: string[], report: Report): void {
  if (!haproxyName.test(backend)) report('backend', quote(backend), haproxyNameExpected);
  for (const site of sites)
    if (!Object.hasOwn(servers, site)) report('servers', `no servers of ${site}`, 'servers of both sites');
  const used = new Map<string, string>();
  for (const [site, list] of Object.entries(servers)) {
    if (!sites.includes(site)) report(`servers.${site}`, 'a site this pair does not have', sites.join(' or '));
    list.forEach((server, index) => {
      if (!haproxyName.test(server)) report(`servers.${site}[${index}]`, quote(server), haproxyNameExpected);
      reportRepeated(used, server, `servers.${site}[${index}]`, report);
    });
  }
}

function checkAcrossPairs(pairs: readonly (Config['pairs'][number] | undefined)[], report: Report): void {
  const names = new Map<string, string>();
  const targets = new Map<string, string>();
  pairs.forEach((pair, index) => {
    if (!pair) return;
    reportRepeated(names, pair.name, `pairs[${index}].name`, report);
    pair.targets.forEach(({ haproxy }, at) => {
      const address = haproxy.address.replace(/^unix:/, '').toLowerCase();
      reportRepeated(targets, `${address}/${haproxy.backend}`, `pairs[${index}].targets[${at}].haproxy`, report);
    });
  });
}

/** Each value may be there once; the second place is reported, and names the first. */
function reportRepeated(seen: Map<string, string>, value: string, path: string, report: Report): void {
  const first = seen.get(value);
  if (first === undefined) seen.set(value, path);
  else report(path, quote(value), `another value than that of ${first}`);
}

/** The address of a broker in one spelling: `amqp://H` and `amqp://h:5672` are the same listener. */
function amqpAddress(url: string): string {
  const { protocol, hostname, port } = new URL(url);
  return `${hostname.toLowerCase()}:${port || (protocol === 'amqps:' ? 5671 : 5672)}`;
}

function quote(text: string): string {
  return JSON.stringify(text);
}
