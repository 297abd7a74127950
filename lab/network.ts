import type { CommandResult } from './command.ts';
import { run } from './command.ts';
import { LabError } from './errors.ts';
import type { Lab } from './lab.ts';
import { nodesOf } from './nodes.ts';
import { findProgram } from './programs.ts';
import type { LabNode, SiteName } from './topology.ts';

const table = 'inet warren_lab';

/** Whether this user may drop packets here: nftables is installed and the kernel accepts a rule from us. */
export async function canBlackhole(): Promise<boolean> {
  return (await nft('add table inet warren_lab_trial', ['--check'])).ok;
}

/**
 * Drops every packet to and from the AMQP and management ports of a site, in both directions and without an answer.
 * Traffic between its nodes goes on. Throws a LabError where nftables is missing or not permitted.
 */
export async function blackholeSite(lab: Lab, site: SiteName): Promise<void> {
  const result = await nft(renderBlackhole(site, nodesOf(lab, site)));
  if (!result.ok) throw new LabError(`Packets cannot be dropped here (nftables as root is needed): ${result.output}`);
}

/** Lets the packets of a site through again. Does nothing if they were. */
export async function liftBlackhole(site: SiteName): Promise<void> {
  await nft(`delete chain ${table} ${site}`);
}

/** Removes every packet rule of the lab. Does nothing if there is none. */
export async function liftAllBlackholes(): Promise<void> {
  await nft(`delete table ${table}`);
}

/**
 * The nftables rules of a blackhole. On the input hook alone: on loopback each packet passes it once in either
 * direction, and unlike on the output hook the sender sees no error.
 */
export function renderBlackhole(site: SiteName, nodes: readonly LabNode[]): string {
  const addresses = nodes.map((node) => node.address).join(', ');
  const ports = [...new Set(nodes.flatMap((node) => [node.amqpPort, node.managementPort]))].join(', ');
  return [
    `add table ${table}`,
    `add chain ${table} ${site} { type filter hook input priority -10; policy accept; }`,
    `flush chain ${table} ${site}`,
    `add rule ${table} ${site} ip daddr { ${addresses} } tcp dport { ${ports} } drop`,
    `add rule ${table} ${site} ip saddr { ${addresses} } tcp sport { ${ports} } drop`,
  ].join('\n');
}

async function nft(rules: string, flags: readonly string[] = []): Promise<CommandResult> {
  const program = findProgram('nft');
  if (program === undefined) return { ok: false, output: 'nft is not installed (apt-get install nftables)' };
  return await run([program, ...flags, '-f', '-'], { timeoutMs: 5_000, input: rules });
}
