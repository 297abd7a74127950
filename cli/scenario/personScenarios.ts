import type { WarrenEvent } from '../../core/model/event.ts';
import type { SiteName } from '../../lab/topology.ts';
import { failOver, patienceMs, type Scenario, type Stage } from './scenario.ts';

/** How long evidence is gathered anew after an operation, before another one may begin. */
const evidenceMs = 7_000;

async function switchOver(stage: Stage, to: SiteName): Promise<void> {
  await stage.command('switchover', 'demo', '--reason', 'planned work');
  await stage.moved(to, patienceMs);
  await stage.requireActive(to);
}

const fenceLifted = (site: SiteName) => (event: WarrenEvent) =>
  event.sentence === `The fence of ${site} is lifted: applications may connect again.`;

/** What people ask for, and what the fence does. */
export const personScenarios: readonly Scenario[] = [
  {
    name: 'failover-by-person',
    done: 'kill -9 of the active site in mode observe; then a person asks for a failover',
    expected: 'nothing by itself; failover for the person',
    failover: { mode: 'observe' },
    async play(stage) {
      await stage.inject('kill-site', 'beijing');
      await stage.holds({ forMs: 5_000, reason: 'active-down' });
      await stage.requireActive('beijing');
      await stage.command('failover', 'demo', '--reason', 'beijing is lost');
      await stage.moved('shanghai', patienceMs);
      await stage.requireActive('shanghai');
    },
  },
  {
    name: 'switchover',
    done: 'a person moves traffic by plan, and back again',
    expected:
      'the old side is fenced before traffic moves; on the way back its fence is lifted first, its limit as before',
    async play(stage) {
      await stage.setLimit('beijing', 500);
      await switchOver(stage, 'shanghai');
      await stage.requireShut('beijing');
      await stage.decided('all-well', patienceMs);
      await stage.pause(evidenceMs);
      stage.mark();
      await switchOver(stage, 'beijing');
      await stage.requireLimit('beijing', 500);
      await stage.requireOpen('beijing');
      await stage.requireShut('shanghai');
    },
  },
  {
    name: 'switchover-unfenceable',
    done: 'one node is stopped (SIGSTOP), and a person asks for a switchover',
    expected: 'refused or aborted: no fence, no switchover; applications are let in as before',
    needsMajority: true,
    async play(stage) {
      await stage.inject('hang-one', 'beijing');
      await stage.pause(2_000);
      await stage.commandFails('switchover', 'demo', '--reason', 'planned work');
      await stage.requireActive('beijing');
      await stage.heal('hang-one', 'beijing');
      await stage.requireOpen('beijing');
    },
  },
  {
    name: 'drill',
    done: 'a drill: there, a hold of 5 s, and back',
    expected: 'traffic is home again, both sides let applications in, and the times are reported',
    async play(stage) {
      await stage.command('drill', 'demo', '--hold', '5s', '--reason', 'the quarterly drill');
      await stage.told(
        'the report of the drill',
        (event) => /^The drill of .* is done/.test(event.sentence),
        patienceMs,
      );
      await stage.requireActive('beijing');
      await stage.told('the fence of shanghai is lifted', fenceLifted('shanghai'), patienceMs);
      await stage.requireOpen('beijing');
      await stage.requireOpen('shanghai');
    },
  },
  {
    name: 'fence-on-return',
    done: 'the old side comes back after a failover that could not fence it',
    expected: 'it is fenced as soon as it can be reached; `ack` lifts the fence',
    async play(stage) {
      await failOver(stage);
      await stage.heal('kill-site', 'beijing');
      await stage.told('beijing is fenced', (event) => /^beijing is fenced since/.test(event.sentence), patienceMs);
      await stage.requireShut('beijing');
      stage.mark();
      await stage.command('ack', 'demo', '--reason', 'beijing was checked and is well');
      await stage.told('the fence of beijing is lifted', fenceLifted('beijing'), patienceMs);
      await stage.requireOpen('beijing');
    },
  },
  {
    name: 'warren-killed-while-fencing',
    done: 'Warren is killed in a switchover, right after the old side was fenced, and started again',
    expected: 'the switchover is finished, once',
    async play(stage) {
      await stage.startCrashingWarren('after-fence');
      void stage.command('switchover', 'demo', '--reason', 'planned work').catch(() => {});
      await stage.warrenEnded(patienceMs);
      await stage.startWarren();
      await stage.moved('shanghai', patienceMs);
      await stage.requireActive('shanghai');
      await stage.requireShut('beijing');
    },
  },
];
