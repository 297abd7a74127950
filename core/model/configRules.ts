import type { Config, Pair } from './config.ts';
import { formatDuration } from './duration.ts';
import { checkTarget, kindOf } from './targets/index.ts';
import { quote, type Report, reportRepeated } from './targets/target.ts';

/** One thing wrong with a configuration: where, what is there (never a secret), and what belongs there instead. */
export interface ConfigProblem {
  /** Such as `pairs[0].probe.every`. */
  path: string;
  value: string;
  expected: string;
}

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

function checkVotes({ vantages, failover, sites }: Pair, report: Report): void {
  const seen = new Map<string, string>();
  vantages.forEach(({ name, near }, index) => {
    reportRepeated(seen, name, `vantages[${index}]`, report);
    if (near !== undefined && !Object.hasOwn(sites, near))
      report(`vantages[${index}].near`, quote(near), `one of the sites: ${Object.keys(sites).join(', ')}`);
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
  // An operation that does not write for longer than its lease may be taken over meanwhile.
  within('failover.fenceBudget', failover.fenceBudgetMs, 1, 3_000);
  within('failover.fenceFor', failover.fenceForMs, 0, 7 * 24 * hourMs);
  within('drill.hold', drill.holdMs, 1_000, 24 * hourMs);
  for (const [moment, hook] of Object.entries(hooks))
    if (hook) within(`hooks.${moment}.timeout`, hook.timeoutMs, 1, 4_000);
  if (probe.recheckMs > probe.everyMs)
    report('probe.recheck', formatDuration(probe.recheckMs), `at most probe.every, ${formatDuration(probe.everyMs)}`);
  if (probe.recheckMs > probe.fullEveryMs)
    report('probe.fullEvery', formatDuration(probe.fullEveryMs), 'at least probe.recheck');
}

function checkTargets({ sites, targets }: Pair, report: Report): void {
  targets.forEach((target, index) => {
    checkTarget(target, Object.keys(sites), (below, ...rest) => report(`targets[${index}].${below}`, ...rest));
  });
}

function checkAcrossPairs(pairs: readonly (Config['pairs'][number] | undefined)[], report: Report): void {
  const names = new Map<string, string>();
  const targets = new Map<string, string>();
  const fenced = new Map<string, string>();
  pairs.forEach((pair, index) => {
    if (!pair) return;
    reportRepeated(names, pair.name, `pairs[${index}].name`, report);
    checkFencedOnce(fenced, pair, `pairs[${index}]`, report);
    pair.targets.forEach((target, at) => {
      const kind = kindOf(target);
      const steers = `${kind} ${checkTarget(target, Object.keys(pair.sites), ignored)}`;
      reportRepeated(targets, steers, `pairs[${index}].targets[${at}].${kind}`, report);
    });
  });
}

/** A limit holds for a user on all of a cluster: the fence of one pair would shut out the applications of the other. */
function checkFencedOnce(fenced: Map<string, string>, { sites }: Pair, pairPath: string, report: Report): void {
  for (const [site, { nodes, fenceUsers }] of Object.entries(sites)) {
    fenceUsers.forEach((user, at) => {
      const path = `${pairPath}.sites.${site}.fenceUsers[${at}]`;
      const keys = nodes.map(({ amqp }) => `${amqpAddress(amqp)} ${user}`);
      const other = keys.map((key) => fenced.get(key)).find((found) => found !== undefined);
      if (other) report(path, quote(user), `a user of this pair alone: ${other} is the same one on the same cluster`);
      for (const key of keys) fenced.set(key, path);
    });
  }
}

const ignored: Report = () => {};

/** The address of a broker in one spelling: `amqp://H` and `amqp://h:5672` are the same listener. */
function amqpAddress(url: string): string {
  const { protocol, hostname, port } = new URL(url);
  return `${hostname.toLowerCase()}:${port || (protocol === 'amqps:' ? 5671 : 5672)}`;
}
