import { type Mutant, faultsOf as of } from './mutant.ts';

/** Faults in the claim, the steps of an operation, and the fences. */
export const acting: Mutant[] = [
  ...of('core/flow/claim.ts', [
    [
      'a slot of the breaker counts from before its claim',
      'const atMs = nowMs + claimWithinMs;',
      'const atMs = nowMs;',
    ],
    ['the claim raises no epoch', 'const epoch = record.epoch + 1;', 'const epoch = Math.max(1, record.epoch);'],
    [
      'no slot of the fleet breaker is taken',
      'if (!person && !(await takeSlot(turn, epoch, nowMs))) return record;',
      '',
    ],
    [
      'a claim does not see that all pairs were paused since',
      "if (fleet.pause) throw new VersionConflict('all pairs were paused by someone else');",
      '',
    ],
    [
      'what was seen before a standstill is claimed by',
      'if (!isRecent(turn.ports.clock, turn.memory.began, claimWithinMs)) throw heldUp();',
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
    ['a cancelled operation goes on', 'if (cancelled) return cancelledSentence(operation, cancelled);', ''],
    [
      'a planned move begins long after it was asked for',
      'return late ? abortedSentence',
      'return late && false ? abortedSentence',
    ],
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
    [
      'every report says that the side is fenced',
      "=== 'set' ? ('fenced' as const) : ('unfenced' as const)",
      "=== 'set' ? ('fenced' as const) : ('fenced' as const)",
    ],
    ['there is no cooldown', 'cooldownUntilMs: nowMs + cooldownMs,', 'cooldownUntilMs: null,'],
  ]),
  ...of('core/flow/steps/fence.ts', [
    [
      'limits are written before the old ones are stored',
      'savedLimits: SavedLimits | null, detail: string): Fence {',
      'given: SavedLimits | null, detail: string): Fence {\n  const savedLimits = given && null;',
    ],
    [
      'a fence that was not proven counts as set',
      'if (reading && isClosed(reading)) return fenced',
      'if (reading) return fenced',
    ],
    ['a failover that is to wait for a person goes on unfenced', "(pair.failover.unfenced === 'wait' &&", '(false &&'],
    [
      'a failover fences without asking the guards again',
      'const halt = await gate(turn, record, operation, !isPlanned || !isCutOff);',
      'const halt = isPlanned ? await gate(turn, record, operation, !isCutOff) : null;',
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
    [
      'a fence is called set whatever the nodes say',
      "state === 'wanted' && isClosed(reading) ?",
      "state === 'wanted' ?",
    ],
    ['a fence that was removed is not set again', "if (fence.state === 'set' && open)", 'if (false)'],
    [
      'limits that were saved are saved again',
      'savedLimits: { ...limits, ...savedLimits }',
      'savedLimits: { ...savedLimits, ...limits }',
    ],
    [
      'a look of before a fence was lifted shows that it is there',
      'if (startedAtMs < knownSinceMs) return [fence];',
      '',
    ],
    ['a released fence is forgotten at once', 'return lastedMs > releaseWatchMs ? [] : [fence];', 'return [];'],
    ['a fence is not set beside the loop', "work: state === 'wanted' ? 'set' : 'look'", "work: 'look'"],
  ]),
  ...of('core/flow/fences.ts', [
    ['limits are written by who was overtaken', '(writes && !(await isCurrent(ports, record)))', 'false'],
    ['the kill switch lets fences be set', "if (task.work === 'set' && ports.observeOnly()) continue;", ''],
  ]),
  ...of('core/flow/carryOut.ts', [
    [
      'a restarted target is set back without an intent',
      'const intent = await turn.ports.store.writePair(record);',
      'const intent = record;',
    ],
    ['a lost store goes unnoticed', 'isForgotten(record)', 'false'],
  ]),
  ...of('core/flow/expire.ts', [
    [
      'a pause never ends',
      'resumes = isOver(record.pause, nowMs) || held.length < sites.length',
      'resumes = held.length < sites.length',
    ],
  ]),
];
