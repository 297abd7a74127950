import type { WorldOptions } from '../world.ts';

const failoverKeys = ['mode', 'quorum', 'cooldown', 'unfenced', 'fenceBudget'];

/** What the `policy` lines of a story say; what they do not say is as in every test. */
export function policyOf(commands: string[]): WorldOptions {
  const options = { probe: {}, failover: {}, fleet: {}, reference: [] } as WorldOptions &
    Record<'probe' | 'failover' | 'fleet', Record<string, unknown>> & { reference: string[] };
  for (const command of commands) {
    const [, key = '', value = ''] = command.split(' ');
    const parsed = /^\d+$/.test(value) ? Number(value) : value;
    if (key === 'fence' || key === 'hook' || key === 'marked') options[key] = true;
    else if (key === 'reference') options.reference.push(value);
    else if (key === 'vantages') options.vantages = value.split(',').map(vantageOf);
    else if (key === 'maxFailovers') options.fleet[key] = parsed;
    else (failoverKeys.includes(key) ? options.failover : options.probe)[key] = parsed;
  }
  return options;
}

/** `witness`, or `witness@beijing`: near beijing. */
function vantageOf(words: string): string | { name: string; near: string } {
  const [name = '', near] = words.split('@');
  return near === undefined ? name : { name, near };
}
