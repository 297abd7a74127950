import { type Mutant, faultsOf as of } from './mutant.ts';

/** Faults in what is made of probes and votes, and in how fresh they are. */
export const observing: Mutant[] = [
  ...of('core/observe/nodeWindow.ts', [
    ['one failure is enough', 'if (failures >= policy.fall)', 'if (failures >= 1)'],
    ['one pass is enough to be back', 'if (hadFailed && node.passes < policy.rise)', 'if (false)'],
    ['passes do not end a row of failures', 'if (served(probe) || (verdict', 'if ((verdict'],
    [
      'what was before is believed of a node that cannot be judged now',
      "  if (verdict === 'abstain' && !node.keptAlive) return 'blind';\n",
      '',
    ],
    [
      'refusals of before an alarm count as long as it lasts',
      "if (served(probe) || (verdict === 'warning' && findingsOf(probe).some(votesLater)))",
      'if (served(probe))',
    ],
    [
      'a condition begins anew with every process',
      'since[name] ??= inherited[name] ?? probe.finishedAtMs;',
      'since[name] ??= probe.finishedAtMs;',
    ],
    ['what a process inherits outlives the end of the condition', '    delete inherited[name];\n', ''],
    [
      'overlapping probes count one by one',
      "if (verdict === 'serving-failure' && counts)",
      "if (verdict === 'serving-failure')",
    ],
    [
      'what only alerts counts as a failure',
      "const votes = (finding: Finding) => failureClasses[finding.class].weight === 'votes';",
      'const votes = (_: Finding) => true;',
    ],
    ['an alarm counts at once', '>= afterMs;', '>= 0;'],
    [
      'a kept connection that works contradicts nothing',
      "isContradicted(before, probe, policy) ? 'warning' : 'serving-failure'",
      "'serving-failure'",
    ],
  ]),
  ...of('core/observe/siteHealth.ts', [['old news votes', "if (isStale(node.lastResultAtMs)) return 'unseen';", '']]),
  ...of('core/observe/selfTrust.ts', [
    [
      'both sides dark is no reason for doubt',
      "if (Object.values(health).every(isDark)) return 'both-sides-dark';",
      '',
    ],
    ['dark references are no reason for doubt', "? 'references-dark' : null", '? null : null'],
    ['a clock that jumped is no reason for doubt', "if (jumped(self)) return 'clock-jumped';", ''],
    ['a process that was held up keeps its evidence', 'return jumped(self) || late(self);', 'return false;'],
  ]),
  ...of('core/observe/window.ts', [
    ['probes of before a reset count', ' || probe.startedAtMs < window.startedAtMs', ''],
  ]),
  ...of('core/flow/see.ts', [
    [
      'evidence outlives the operation it led to',
      'if (frozen || generation !== memory.window.generation)',
      'if (frozen)',
    ],
    [
      'who could see nothing accuses by what it saw then',
      'if (!wasBlind || memory.isBlind) return false;',
      'return false;',
    ],
    [
      'a standstill in the middle of a turn is not noticed',
      'standstill && standstill.sinceMs >= heldUpAtMs ? standstill.lateByMs : 0',
      '0',
    ],
  ]),
  ...of('core/flow/moment.ts', [
    [
      'a process that was held up acts on what it saw before',
      'clock.monotonicMs() - monotonicMs <= longestMs && Math.abs(clock.nowMs() - wallMs) <= longestMs',
      'true',
    ],
    ['every process waits from its own beginning', 'Math.max(ownMs, saidMs / 2)', 'ownMs'],
    ['a clock that was set makes things older', 'Math.min(agreedNowMs, known.wallMs + ownMs)', 'agreedNowMs'],
    ['a suspended host does not notice', ' && Math.abs(clock.nowMs() - wallMs) <= longestMs', ''],
  ]),
  ...of('core/flow/agreedClock.ts', [
    ['one wrong clock ends a cooldown', 'clockOffMs(clock, pair, memory);\n}\n\n/** The same', '0;\n}\n\n/** The same'],
    [
      'who has heard nobody for a while trusts its own clock again',
      'Math.max(nowMs - rememberedMs, heldUpAtMs)',
      'nowMs',
    ],
    ['one wrong clock ends a pause', 'clockOffMs(clock, pair, memory, true)', '0'],
    [
      'who has just begun goes by its own clock',
      'const believesAll = isListening(clock, pair, memory);',
      'const believesAll = false;',
    ],
  ]),
  ...of('core/flow/expire.ts', [
    [
      'a pause that was made longer is over at its first end',
      'return { ...state, fleetPause: fleet.pause };',
      'return { ...state, fleetPause: null };',
    ],
  ]),
  ...of('core/flow/state.ts', [
    [
      'a store that was set back to a copy is believed',
      'if (record && !isOld(record)) return record;',
      'if (record) return record;',
    ],
    [
      'a move by another process is taken for a foreign edit',
      'await isMovedNow(ports, current, await readings);',
      'false;',
    ],
    [
      'a claim between two reads is taken for a lost store',
      'const now = record && (await store.readPair(pair));',
      'const now = record;',
    ],
  ]),
  ...of('core/flow/record.ts', [
    [
      'a change of health that the store refused is forgotten',
      'memory.unrecorded.transitions = [...memory.unrecorded.transitions, transition].slice(-unrecordedMax);',
      'memory.unrecorded.transitions = [transition];',
    ],
    [
      'a decision that the store refused is forgotten',
      'for (const row of unrecorded.decisions) {',
      'for (const row of unrecorded.decisions.splice(0)) {',
    ],
  ]),
  ...of('core/flow/tick.ts', [
    ['old observations are good enough for the point of no return', "desk.probeNow(to, 'kept'),", ''],
    ['the same version is the same record, also after a loss', ' && now.operation?.id === known.operation?.id', ''],
    ['whoever accuses need not have been able to see since', '? desk.lookAtReferences() : null', '? null : null'],
    [
      'a side that may be back is not looked at again',
      "depth === 'kept' || mayBeBack ? desk",
      "depth === 'kept' ? desk",
    ],
    [
      'fresh evidence has some of before it was asked for',
      'see(watch, memory, nothingArrived, ports.clock.monotonicMs());',
      'see(watch, memory, nothingArrived, nowMs);',
    ],
  ]),
  ...of('core/flow/vantages.ts', [
    [
      'a vantage that fell silent is believed for ever',
      'nowMs - atMs <= freshForMs',
      'nowMs - atMs <= 1_000 * freshForMs',
    ],
    [
      'what was said while nobody could look is as young as it looks',
      'if (!last || nowMs - last.lookedAtMs <= probe.everyMs + probe.timeoutMs) return heard;',
      'return heard;',
    ],
  ]),
];
