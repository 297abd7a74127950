import type { WarrenEvent } from '../../core/model/event.ts';
import type { FaultName } from '../../lab/faults.ts';
import { canBlackhole } from '../../lab/network.ts';
import type { SiteName } from '../../lab/topology.ts';
import { personScenarios } from './personScenarios.ts';
import { failOver, patienceMs, type Scenario, type Stage, Unexpected } from './scenario.ts';
import type { CrashPoint } from './warrenProcess.ts';

const failover = 'failover';

/** How long a hold is watched. Longer than any failover takes. */
const holdMs = 15_000;

/** A fault of the primary after which traffic must move. */
function movingFault(name: string, fault: FaultName, done: string, more: Partial<Scenario> = {}): Scenario {
  return {
    name,
    done,
    expected: failover,
    ...more,
    async play(stage) {
      await stage.inject(fault, 'beijing');
      await stage.moved('shanghai', patienceMs);
    },
  };
}

/** A fault of the primary that must alert or degrade, and move nothing. */
function heldFault(
  name: string,
  fault: FaultName,
  done: string,
  expected: string,
  hold: Omit<Parameters<Stage['holds']>[0], 'forMs'>,
  more: Partial<Scenario> = {},
): Scenario {
  return {
    name,
    done,
    expected,
    ...more,
    async play(stage) {
      await stage.inject(fault, 'beijing');
      await stage.holds({ forMs: holdMs, ...hold });
      await stage.requireActive('beijing');
    },
  };
}

/** A repair that has been done, not only decided. */
const setBackTo = (site: SiteName) => (event: WarrenEvent) =>
  event.kind === 'step' && event.sentence.endsWith(`is set back to ${site}.`);

function killedWarren(crashAt: CrashPoint, when: string): Scenario {
  return {
    name: `warren-killed-${crashAt}`,
    done: `Warren is killed ${when}, and started again`,
    expected: 'the failover is finished, once; no half-flip is left',
    async play(stage) {
      await stage.startCrashingWarren(crashAt);
      await stage.inject('kill-site', 'beijing');
      await stage.warrenEnded(patienceMs);
      await stage.startWarren();
      await stage.moved('shanghai', patienceMs);
      await stage.requireActive('shanghai');
      const finished = (await stage.operations()).filter(({ phase }) => phase === 'finished');
      if (finished.length !== 1) throw new Unexpected(`${finished.length} operations were finished instead of one`);
    },
  };
}

const atOnce = { fullEvery: '5s' };

/** Every scenario, in the order in which `--scenario all` plays them. */
export const scenarios: readonly Scenario[] = [
  movingFault('kill-primary', 'kill-site', 'kill -9 of every node of the active site'),
  movingFault('hang-primary', 'hang-site', 'SIGSTOP of every node: TCP still accepts'),
  movingFault('quorum-loss', 'kill-two', 'kill -9 of two of three nodes; the third pauses', { needsMajority: true }),
  movingFault('blackhole', 'blackhole', 'packets to and from the active site are dropped', {
    cannotRun: async () => ((await canBlackhole()) ? null : 'dropping packets needs nftables and the right to use it'),
  }),
  heldFault(
    'hang-one',
    'hang-one',
    'SIGSTOP of one node: declares hang cluster-wide',
    'degraded, alert, hold',
    {
      alert: 'metadata-stalled',
      reason: 'active-degraded',
    },
    { needsMajority: true },
  ),
  movingFault('hang-one-votes', 'hang-one', 'the same with metadataStalledAfter: 0s', {
    needsMajority: true,
    probe: { metadataStalledAfter: '0s' },
  }),
  heldFault('memory-alarm', 'memory-alarm', 'a memory alarm on one node', 'degraded, alert, hold', {
    alert: 'alarm',
    reason: 'active-degraded',
  }),
  movingFault('memory-alarm-votes', 'memory-alarm', 'the same with alarmsAfter: 0s', { probe: { alarmsAfter: '0s' } }),
  heldFault('disk-alarm', 'disk-alarm', 'a disk alarm on one node', 'degraded, alert, hold', {
    alert: 'alarm',
    reason: 'active-degraded',
  }),
  movingFault('disk-alarm-votes', 'disk-alarm', 'the same with alarmsAfter: 0s', { probe: { alarmsAfter: '0s' } }),
  heldFault(
    'kill-one',
    'kill-one',
    'kill -9 of one of three nodes',
    'degraded, hold',
    { reason: 'active-degraded' },
    {
      needsMajority: true,
    },
  ),
  heldFault(
    'management-down',
    'management-down',
    'the management plugin is stopped on every node',
    'hold, alert',
    {
      alert: 'management-only',
    },
    { probe: atOnce },
  ),
  heldFault(
    'wrong-password',
    'wrong-password',
    "the probe user's password is changed",
    'hold, alert `auth`',
    {
      alert: 'auth',
    },
    { probe: atOnce },
  ),
  {
    name: 'both-down',
    done: 'kill -9 of every node of both sites',
    expected: 'hold: the prober distrusts itself',
    async play(stage) {
      await Promise.all([stage.inject('kill-site', 'beijing'), stage.inject('kill-site', 'shanghai')]);
      await stage.holds({ forMs: holdMs, reason: 'prober-distrusts-itself' });
      await stage.requireActive('beijing');
    },
  },
  {
    name: 'standby-sick',
    done: 'a memory alarm in the standby, then kill -9 of the active site, then the alarm is lifted',
    expected: 'blocked by `standby-ready`; failover when the standby is well again',
    async play(stage) {
      await stage.inject('memory-alarm', 'shanghai');
      await stage.decided('standby-not-up', 10_000);
      await stage.inject('kill-site', 'beijing');
      await stage.holds({ forMs: 8_000, reason: 'blocked-standby-ready' });
      await stage.requireActive('beijing');
      await stage.heal('memory-alarm', 'shanghai');
      await stage.moved('shanghai', patienceMs);
    },
  },
  {
    name: 'flap',
    done: 'the active site falls silent for 1.5 s and returns, five times',
    expected: 'hold',
    async play(stage) {
      await stage.inject('flap', 'beijing');
      await stage.holds({ forMs: 6_000 });
      await stage.requireActive('beijing');
    },
  },
  {
    name: 'return',
    done: 'the old side comes back after a failover',
    expected: 'latched: traffic stays on the standby, and Warren says what to do next',
    async play(stage) {
      await failOver(stage);
      await stage.heal('kill-site', 'beijing');
      await stage.told(
        'the old side is up again',
        (event) => /beijing is up again.*warren ack/.test(event.sentence),
        patienceMs,
      );
      await stage.holds({ forMs: 5_000 });
      await stage.requireActive('shanghai');
    },
  },
  {
    name: 'second-disaster',
    done: 'after a failover the old side is back and the new one dies too; then a person acknowledges',
    expected: 'latched, and says so; after `ack`, fresh evidence moves it',
    async play(stage) {
      await failOver(stage);
      await stage.heal('kill-site', 'beijing');
      await stage.told('the old side is up again', (event) => /beijing is up again/.test(event.sentence), patienceMs);
      stage.mark();
      await stage.inject('kill-site', 'shanghai');
      await stage.holds({ forMs: 6_000, reason: 'blocked-not-latched' });
      await stage.requireActive('shanghai');
      stage.mark();
      await stage.command('ack', 'demo', '--reason', 'beijing was checked and is well');
      await stage.moved('beijing', patienceMs);
    },
  },
  {
    name: 'haproxy-restart',
    done: 'HAProxy is restarted after a failover; its file still says the old side',
    expected: 'repaired at once',
    async play(stage) {
      await failOver(stage);
      await stage.inject('haproxy-restart', 'beijing');
      await stage.told('the restart is repaired', setBackTo('shanghai'), 15_000);
      await stage.requireActive('shanghai');
    },
  },
  {
    name: 'foreign-edit',
    done: 'a person moves the servers by hand through the runtime API',
    expected: 'alert; nothing is moved until `ack --adopt` or `--restore`',
    async play(stage) {
      await stage.inject('foreign-edit', 'beijing');
      await stage.holds({ forMs: 8_000, reason: 'foreign-edit' });
      await stage.requireActive('shanghai');
      stage.mark();
      await stage.command('ack', 'demo', '--restore', '--reason', 'the edit was a mistake');
      await stage.told('the edit is undone', setBackTo('beijing'), 15_000);
      await stage.requireActive('beijing');
      stage.mark();
      await stage.inject('foreign-edit', 'beijing');
      await stage.decided('foreign-edit', 10_000);
      await stage.command('ack', 'demo', '--adopt', '--reason', 'the edit was meant');
      await stage.decided('adopt-by-person', 10_000);
      await stage.holds({ forMs: 3_000 });
      await stage.requireActive('shanghai');
    },
  },
  {
    name: 'store-deleted',
    done: 'after a failover Warren is stopped, its store deleted, and Warren started',
    expected: 'adopts what HAProxy says; moves nothing',
    async play(stage) {
      await failOver(stage);
      await stage.stopWarren();
      stage.deleteStore();
      await stage.startWarren();
      await stage.decided('first-look', 10_000);
      await stage.holds({ forMs: 8_000 });
      await stage.requireActive('shanghai');
    },
  },
  ...personScenarios,
  killedWarren('after-claim', 'right after its claim'),
  killedWarren('after-commit', 'right after the point of no return'),
  killedWarren('after-flip', 'right after the flip'),
];

/** The scenarios a name stands for: one, a group (`warren-killed`), or `all`. Empty: there is none of that name. */
export function scenariosNamed(name: string): readonly Scenario[] {
  if (name === 'all') return scenarios;
  const exact = scenarios.filter((scenario) => scenario.name === name);
  return exact.length > 0 ? exact : scenarios.filter((scenario) => scenario.name.startsWith(`${name}-after-`));
}
