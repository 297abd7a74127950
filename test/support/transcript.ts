import { duration } from '../../core/model/duration.ts';
import { obeyBroker } from './transcript/brokers.ts';
import { obeyOutside } from './transcript/outside.ts';
import { obeyPerson } from './transcript/people.ts';
import { policyOf } from './transcript/policy.ts';
import { type Heard, openVantages, type Vantages } from './transcript/vantages.ts';
import { askWarren } from './transcript/warren.ts';
import { createWorld, type World } from './world.ts';

/**
 * Plays a story and returns what Warren said, one line per event: seconds since the start, kind, sentence. Where several vantages
 * watch, who said it stands before it.
 *
 * | command                              | meaning                                                     |
 * |--------------------------------------|-------------------------------------------------------------|
 * | `policy KEY VALUE`                   | a key of `probe`, `failover` or `fleet`; or `fence`, `hook`, `marked on`, `reference`, `vantages A,B@SITE` |
 * | `wait DURATION`                      | time passes                                                 |
 * | `SITE CLASS` / `NODE CLASS`          | from now on probes of it fail with this class; `well` heals |
 * | `SITE broken`                        | its kept connections break                                  |
 * | `VANTAGE sees SITE CLASS`            | only this vantage sees that                                 |
 * | `VANTAGE references dark/visible`, `VANTAGE store gone/back` | it alone cannot see them            |
 * | `VANTAGE freeze` / `freeze at-flip` / `thaw` | SIGSTOP, now or while its next write to the target is on its way; SIGCONT |
 * | `kill [VANTAGE]` / `start [VANTAGE [CONFIGURATION]]` | kill -9 of Warren, and its next start       |
 * | `target restart/unreadable/readable` | what happens to the target; `target edit SITE` by somebody  |
 * | `target unwritable/writable`         | it can be read, and every write is refused                  |
 * | `target fails-to-flip TIMES`         | so many flips fail                                          |
 * | `WHO warren COMMAND because REASON`  | a person types that, and is told what stands below          |
 * | `ack` / `adopt` / `restore` / `approve` | what a person says                                       |
 * | `references dark/visible`            |                                                             |
 * | `store gone/back/lost`               | it can be neither read nor written / it can again / it is empty |
 * | `fleet NUMBER`                       | so many other pairs were moved by themselves just now       |
 * | `kill-switch on/off`                 |                                                             |
 * | `failover GUARD…`                    | a person asks for one, overriding these guards              |
 * | `switchover` / `switchover DURATION` | away from where traffic should be; after so long            |
 * | `drill HOLD` / `drill HOLD in DURATION` / `cancel` | by a person                                   |
 * | `supersede SITE`                     | a failover there, in place of the stalled operation         |
 * | `app SITE COUNT`                     | so many connections of the application try to get in        |
 * | `limit SITE NUMBER/none`             | an administrator sets the limit of the user `app`           |
 * | `queue SITE NUMBER`                  | so many messages are in a queue of the site                 |
 * | `management SITE well/down/silent`   | how its nodes answer what the fence asks                    |
 * | `hook proceed/refuse/silent`         | what the hook before the point of no return answers         |
 * | `pause DURATION` / `pause-all DURATION` / `maintenance SITE DURATION` | by a person                |
 * | `clock DURATION`                     | the wall clock jumps ahead                                  |
 */
export async function play(script: string): Promise<string[]> {
  const lines = script.split('\n').map((line) => line.trim());
  const commands = lines.filter((line) => line !== '' && !line.startsWith('#'));
  const isPolicy = (command: string) => command.startsWith('policy ');
  const world = createWorld(policyOf(commands.filter(isPolicy)));
  const startMs = world.clock.nowMs();
  const vantages = openVantages(world);
  const told: string[] = [];
  for (const command of commands.filter((each) => !isPolicy(each))) {
    const answer = await obey(world, vantages, command, `asked-${told.length}`);
    told.push(...vantages.heard().map((heard) => lineOf(heard, startMs)));
    if (!command.startsWith('wait ')) told.push(`         > ${command}`);
    if (answer !== '') told.push(`         < ${answer}`);
  }
  await vantages.stop();
  return told;
}

function lineOf({ atMs, kind, sentence, by }: Heard, startMs: number): string {
  const who = by.length === 0 ? '' : `[${by.join(', ')}] `;
  return `${((atMs - startMs) / 1_000).toFixed(1).padStart(7)}  ${kind.padEnd(9)}  ${who}${sentence}`;
}

/** @returns what a person is told in answer; mostly nothing */
async function obey(world: World, vantages: Vantages, command: string, id: string): Promise<string> {
  const words = command.split(' ');
  const [subject = '', verb = ''] = words;
  if (verb === 'warren') return askWarren(world, command, id);
  if (subject === 'wait') await world.clock.advance(duration.parse(verb));
  else if (subject === 'fleet') await takeSlots(world, Number(verb));
  else if (!(await vantages.obey(words)) && !obeyOutside(world, words)) {
    const person = obeyPerson(world, command);
    if (person) await person;
    else obeyBroker(world, vantages.eyes(), subject, verb);
  }
  return '';
}

/** Other pairs were moved by themselves just now. */
async function takeSlots({ store, clock }: World, count: number): Promise<void> {
  const fleet = await store.readFleet();
  const slots = Array.from({ length: count }, (_, index) => ({
    pair: `other-${index + 1}`,
    epoch: 2,
    atMs: clock.nowMs(),
  }));
  await store.writeFleet({ ...fleet, slots });
}
