/** A deliberate fault: one place of a file, and what it is replaced by. */
export interface Mutant {
  /** What is wrong with it, in words. */
  what: string;
  /** From the root of the repository. */
  file: string;
  /** Occurs there exactly once. */
  from: string;
  to: string;
}

const of = (file: string, faults: readonly (readonly [what: string, from: string, to: string])[]): Mutant[] =>
  faults.map(([what, from, to]) => ({ file, what, from, to }));

/** Faults that somebody might make, in what decides, claims and acts. Each must be noticed. */
export const mutants: Mutant[] = [
  ...of('core/decide/guards.ts', [
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
    ['a fenced destination is ready', 'if (isShut(situation, to, mover))', 'if (false)'],
  ]),
  ...of('core/decide/commit.ts', [
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
    ['a majority of two is one', 'Math.max(2, Math.floor(configured / 2) + 1)', 'Math.floor(configured / 2)'],
    [
      'unreadable targets do not count',
      "reading.status === 'read' ? reading.active : 'unknown'",
      "reading.status === 'read' ? reading.active : 'beijing'",
    ],
  ]),
  ...of('core/observe/nodeWindow.ts', [
    ['one failure is enough', 'if (failures >= policy.fall)', 'if (failures >= 1)'],
    ['one pass is enough to be back', 'if (hadFailed && node.passes < policy.rise)', 'if (false)'],
    ['passes do not end a row of failures', 'if (served(probe)) servingFailures = 0;', ''],
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
    ['dark references are no reason for doubt', "return 'references-dark';", 'return null;'],
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
  ]),
  ...of('core/flow/claim.ts', [
    ['the claim raises no epoch', 'const epoch = record.epoch + 1;', 'const epoch = Math.max(1, record.epoch);'],
    [
      'no slot of the fleet breaker is taken',
      'if (!person && !(await takeSlot(turn, epoch, nowMs))) return record;',
      '',
    ],
    [
      'a request stays after its claim',
      'driftAnswer: null, approval: null, request: null }',
      'driftAnswer: null, approval: null }',
    ],
  ]),
  ...of('core/flow/operation.ts', [
    ['an operation is taken over before its lease is over', 'ports.clock.monotonicMs() - sinceMs >= leaseMs', 'true'],
    [
      'what another process proved counts',
      'withOperation(withUnprovenAgain(record), { holder',
      'withOperation(record, { holder',
    ],
    [
      'the kill switch does not stop what is under way',
      ' || turn.ports.observeOnly()) return record;',
      ') return record;',
    ],
    ['a cancelled operation goes on', 'if (cancelled) return cancelledSentence(operation, cancelled);', ''],
    [
      'a planned move begins long after it was asked for',
      'return late ? abortedSentence',
      'return late && false ? abortedSentence',
    ],
  ]),
  ...of('core/flow/moment.ts', [
    [
      'a process that was held up acts on what it saw before',
      'clock.monotonicMs() - monotonicMs <= longestMs && Math.abs(clock.nowMs() - wallMs) <= longestMs',
      'true',
    ],
    ['a suspended host does not notice', ' && Math.abs(clock.nowMs() - wallMs) <= longestMs', ''],
  ]),
  ...of('core/flow/tick.ts', [
    [
      'the record may have changed since the decision',
      'if (state.storeProblem === null && state.record.version !== current.version)',
      'if (false)',
    ],
    ['old observations are good enough for the point of no return', "desk.probeNow(to, 'kept'),", ''],
  ]),
  ...of('core/flow/steps/commit.ts', [
    [
      'a planned move leaves a side that is not fenced',
      "if (isPlanned && record.fences[operation.from]?.state !== 'set')",
      'if (false)',
    ],
    [
      'the gate is open',
      "if (verdict.answer === 'go') return turn.ports.observeOnly() ? record : null;",
      'return null;',
    ],
    [
      'evidence of before a freeze is used',
      "if (verdict.answer === 'go' && !isRecent(turn.ports.clock, turn.memory.seenAt)) throw heldUp();",
      '',
    ],
    ['the point of no return leaves `desired` as it was', 'desired: operation.to };', 'desired: record.desired };'],
  ]),
  ...of('core/flow/steps/flip.ts', [
    [
      'targets are written before the intent is',
      'const intent = await begin(turn, withOperation(record, { steps }), open);',
      'await flipTargets(turn, open.flatMap(({ target }) => target ?? []), { site: operation.to, epoch: operation.epoch, provenAt });\n  const intent = await begin(turn, withOperation(record, { steps }), open);',
    ],
    [
      'a flip that failed counts as done',
      "{ status: write ? 'done' : 'failed', detail }",
      "{ status: 'done', detail }",
    ],
    [
      'targets are flipped to where traffic was',
      'site: operation.to, epoch: operation.epoch, provenAt }',
      'site: operation.from, epoch: operation.epoch, provenAt }',
    ],
  ]),
  ...of('core/flow/steps/verify.ts', [
    [
      'what is not proven counts as verified',
      "{ status: proven ? 'done' : 'failed', detail }",
      "{ status: 'done', detail }",
    ],
  ]),
  ...of('core/flow/steps/end.ts', [
    [
      'an automatic failover leaves no latch',
      "return { because: 'failover', epoch, sinceMs: nowMs, reason: startedBy.reason };",
      'return latch;',
    ],
    [
      'an aborted operation leaves its fence',
      'withEnded(withFencesUndone(record, ended, nowMs), ended)',
      'withEnded(record, ended)',
    ],
    [
      'an operation that ended has no report',
      'withEnded(withTimedFence(record, operation, nowMs + fenceForMs), finished)',
      'withTimedFence(record, operation, nowMs + fenceForMs)',
    ],
    ['there is no cooldown', 'cooldownUntilMs: nowMs + cooldownMs,', 'cooldownUntilMs: null,'],
  ]),
  ...of('core/flow/steps/fence.ts', [
    [
      'limits are written before the old ones are stored',
      'savedLimits: SavedLimits | null, detail: string): Fence {',
      'given: SavedLimits | null, detail: string): Fence {\n  const savedLimits = given && null;',
    ],
    ['our own 0 is saved', 'if (inForce && users.every((user) => Object.hasOwn(known, user)))', 'if (false)'],
    [
      'a fence that was not proven counts as set',
      'if (reading && isClosed(reading)) return fenced',
      'if (reading) return fenced',
    ],
    ['the fence of the destination is not lifted', 'if (!held?.savedLimits) return null;', 'return null;'],
  ]),
  ...of('core/plan/fences.ts', [
    [
      'a fence stays on the side that traffic should go to',
      'return site === desired || (site === active && !comesBack);',
      'return site === active && !comesBack;',
    ],
    [
      'a fence stays on the side that traffic goes to',
      'return site === desired || (site === active && !comesBack);',
      'return site === desired;',
    ],
    ['a fence that was removed is not set again', "if (fence.state === 'set' && open)", 'if (false)'],
    [
      'limits that were saved are saved again',
      'savedLimits: { ...limits, ...savedLimits }',
      'savedLimits: { ...savedLimits, ...limits }',
    ],
    [
      'a released fence is forgotten at once',
      'return releasedForMs(fence) > releaseWatchMs ? [] : [fence];',
      'return [];',
    ],
    ['a fence is not set beside the loop', "work: state === 'wanted' ? 'set' : 'look'", "work: 'look'"],
  ]),
  ...of('core/flow/fences.ts', [
    ['limits are written by who was overtaken', '(writes && !(await isCurrent(ports, record)))', 'false'],
    ['the kill switch lets fences be set', "if (task.work === 'set' && ports.observeOnly()) continue;", ''],
  ]),
  ...of('core/flow/vantages.ts', [
    [
      'a vantage that fell silent is believed for ever',
      'nowMs - atMs <= freshForMs',
      'nowMs - atMs <= freshForMs * 1_000',
    ],
  ]),
  ...of('core/flow/carryOut.ts', [
    [
      'a restarted target is set back without an intent',
      'const intent = await turn.ports.store.writePair(record);',
      'const intent = record;',
    ],
    ['a lost store goes unnoticed', 'isForgotten(record)', 'false'],
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
  ...of('core/flow/expire.ts', [
    [
      'a pause never ends',
      'resumes = isOver(record.pause, nowMs) || held.length < sites.length',
      'resumes = held.length < sites.length',
    ],
  ]),
];
