import { type Mutant, faultsOf as of } from './mutant.ts';

/** Faults in the rules, the guards, the question at the point of no return, and in what they look at. */
export const deciding: Mutant[] = [
  ...of('core/decide/guards.ts', [
    [
      'a switchover goes to a side that is not ready',
      "switchover: ['quorum', ...forAutomaticOnly]",
      "switchover: ['quorum', 'standby-ready', ...forAutomaticOnly]",
    ],
    [
      'the latch holds nothing',
      "'not-latched': ({ record }) => passIf(record.latch === null)",
      "'not-latched': () => 'pass'",
    ],
    [
      'the cooldown is over before it begins',
      '(record.cooldownUntilMs ?? 0) <= nowMs',
      '(record.cooldownUntilMs ?? 0) >= 0',
    ],
    [
      'the fleet breaker lets one more through',
      'slotsTaken(situation) < situation.fleet.maxFailovers',
      'slotsTaken(situation) <= situation.fleet.maxFailovers',
    ],
    [
      'the fleet breaker lets all through',
      "'fleet-breaker': (situation) => passIf(slotsTaken(situation) < situation.fleet.maxFailovers)",
      "'fleet-breaker': () => 'pass'",
    ],
    ['a pause holds nothing', 'passIf(record.pause === null && fleetPause === null)', 'passIf(fleetPause === null)'],
    [
      'a pause of all pairs holds nothing',
      'passIf(record.pause === null && fleetPause === null)',
      'passIf(record.pause === null)',
    ],
    [
      'maintenance of the destination is forgotten',
      '(isPlanned(mover) ? [to] : [from, to])',
      '(isPlanned(mover) ? [] : [from])',
    ],
    [
      'a prober that doubts itself acts',
      "'self-trust': ({ doubt }) => passIf(doubt === null)",
      "'self-trust': () => 'pass'",
    ],
    [
      'one vote less is enough',
      'votes.length >= votesNeeded(situation).needed',
      'votes.length >= votesNeeded(situation).needed - 1',
    ],
    ['vantages that share the fate of a side condemn it alone', ' && votes.some((vantage) => !isNear(vantage))', ''],
    [
      'a destination need not have passed often enough',
      "state === 'passing' && passes >= rise",
      "state === 'passing' && passes >= 0",
    ],
    ['a destination with failing nodes is ready', 'if (wrong.length > 0)', 'if (wrong.length === health.nodes.length)'],
    ['a fenced destination is ready', 'if (isShut(situation, move))', 'if (false)'],
  ]),
  ...of('core/decide/commit.ts', [
    ['a fence that is back at the destination does not count', 'mover, isLifted: true }', 'mover }'],
    [
      'guards are not asked again at the point of no return',
      "return { answer: 'abort', because: 'guard', guards }",
      "return { answer: 'go', guards }",
    ],
    [
      'an active side that came back is left all the same',
      "if (!agreed && (health === 'up' || health === 'degraded'))",
      'if (false)',
    ],
    [
      'what is not clear yet counts as clear',
      "verdict !== 'pass') ? 'wait' : 'go'",
      "verdict === 'fail') ? 'wait' : 'go'",
    ],
    [
      'its own slot of the breaker counts against an operation',
      'slot.pair !== pair || slot.epoch !== epoch',
      'slot.pair !== pair || slot.epoch !== epoch + 1',
    ],
  ]),
  ...of('core/decide/decide.ts', [
    [
      'a request is asked what an automatic move is',
      'mover: moverOf(request, record) }',
      "mover: 'automatic' as const }",
    ],
  ]),
  ...of('core/decide/rules.ts', [
    ['no store, and it goes on', '({ situation }) => situation.storeProblem !== null', '() => false'],
    ['an unreadable target does not matter', "({ active }) => active === 'unknown'", '() => false'],
    [
      'targets are set back to a side that is down',
      '(facts) => restarted(facts) && desiredServes(facts)',
      '(facts) => restarted(facts)',
    ],
    [
      'a foreign edit goes unnoticed',
      "'someone else changed a target', deviates)",
      "'someone else changed a target', () => false)",
    ],
    ['a foreign edit is undone unasked', "row('foreign-edit', 'hold',", "row('foreign-edit', 'repair',"],
    ['targets are set back while the pair is paused', '(facts) => deviates(facts) && paused(facts)', '() => false'],
    [
      'a suspect side is taken for a dead one',
      "and every guard passes', activeIs('down')",
      "and every guard passes', activeIs('down', 'suspect')",
    ],
  ]),
  ...of('core/model/situation.ts', [
    [
      'votes of another configuration count',
      "if (observation.configHash !== configHash) return 'has another configuration';",
      '',
    ],
    ['votes of who doubts himself count', "if (observation.doubt !== null) return 'does not trust itself';", ''],
    [
      'votes of an older generation count',
      "if (observation.evidenceGeneration !== record.evidenceGeneration) return 'gathers fresh evidence';",
      '',
    ],
    ['stale votes count', "if (standing === 'stale') return 'has not been heard of lately';", ''],
    ['a majority is all of them', 'Math.max(2, Math.floor(configured / 2) + 1)', 'Math.max(2, configured)'],
    ['every target was restarted', 'return reading.instance !== write.instance;', 'return true;'],
    ['no target is ever restarted', 'return reading.instance !== write.instance;', 'return false;'],
    ['a majority of two is one', 'Math.max(2, Math.floor(configured / 2) + 1)', 'Math.floor(configured / 2)'],
    [
      'unreadable targets do not count',
      "reading.status === 'read' ? reading.active : 'unknown'",
      "reading.status === 'read' ? reading.active : 'beijing'",
    ],
  ]),
  ...of('core/plan/plan.ts', [
    ['mode observe moves traffic', "if (mode === 'observe') return { act: 'nothing', withheld: 'observe-mode' };", ''],
    ['the kill switch stops nothing new', "if (killSwitch) return { act: 'nothing', withheld: 'kill-switch' };", ''],
    [
      'an approval is good for the other way as well',
      'approval.from === from && approval.to === to',
      'approval.to !== approval.from',
    ],
  ]),
];
