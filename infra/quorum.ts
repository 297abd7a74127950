import type { Config, Pair } from '../core/model/config.ts';
import { votesNeeded } from '../core/model/situation.ts';
import type { Refusal } from './refusals.ts';

/** Who votes: the names of vantages. */
export interface Voters {
  deployed: readonly string[];
  /** That run outside of what is deployed, over the same tables. */
  elsewhere: readonly string[];
}

/** What can never be decided for want of votes: nobody would notice before the night when traffic should have moved. */
export function quorumProblems(voters: Voters, { pairs }: Pick<Config, 'pairs'>): Refusal[] {
  return pairs.flatMap((pair, index) => {
    const { needed } = votesNeeded({ pair });
    const voting = votingOf(voters, pair);
    if (voting.length >= needed) return [];
    const { name, failover } = pair;
    const there = voting.length === 0 ? 'none' : `${voting.length} (${voting.join(', ')})`;
    return [
      {
        path: `pairs[${index}].failover.quorum`,
        value: `${failover.quorum}, ${needed} ${needed === 1 ? 'vote' : 'votes'} for ${name}, of whose voters this stage has ${there}`,
        expected: `no more votes than voters, or ${name} never fails over: deploy more of its vantages, name in vantagesElsewhere those that run elsewhere, or set a lower quorum`,
      },
    ];
  });
}

/** Of a pair that names no vantage, the one that is there. */
function votingOf({ deployed, elsewhere }: Voters, { vantages, alarms }: Pair): string[] {
  if (vantages.length === 0) return deployed.slice(0, 1);
  const speaking = [...deployed, ...elsewhere, ...alarms.map(({ vantage }) => vantage)];
  return vantages.map(({ name }) => name).filter((name) => speaking.includes(name));
}

/** Who is said to run elsewhere, and does not, or votes for nobody. */
export function elsewhereProblems({ deployed, elsewhere }: Voters, { pairs }: Pick<Config, 'pairs'>): Refusal[] {
  const named = pairs.flatMap(({ vantages }) => vantages.map(({ name }) => name));
  return elsewhere.flatMap((name, index) => {
    const path = `vantagesElsewhere[${index}]`;
    if (deployed.includes(name))
      return [{ path, value: name, expected: 'none of the vantages that are deployed here' }];
    if (named.includes(name)) return [];
    return [{ path, value: name, expected: `one of the vantages of the pairs: ${[...new Set(named)].join(', ')}` }];
  });
}

/** Whom a pair counts on beside those that are deployed, as sentences. */
export function absentVoters(voters: Voters, { pairs }: Pick<Config, 'pairs'>): string[] {
  return pairs.flatMap((pair) => {
    const names = pair.vantages.map(({ name }) => name).filter((name) => !voters.deployed.includes(name));
    const elsewhere = names.filter((name) => voters.elsewhere.includes(name));
    const voting = votingOf(voters, pair);
    const missing = names.filter((name) => !voting.includes(name));
    return [
      ...(elsewhere.length === 0 ? [] : [`${pair.name} counts on ${elsewhere.join(', ')} to run elsewhere.`]),
      ...(missing.length === 0
        ? []
        : [
            `${pair.name} counts on ${missing.join(', ')}, which this stage does not deploy: no vote comes from there. Name in vantagesElsewhere what runs elsewhere.`,
          ]),
    ];
  });
}
