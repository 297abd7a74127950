import { systemClock } from '../../adapters/system/clock.ts';
import { operationSentence } from '../../core/explain/operation.ts';
import { type Control, type OperationState, Refusal } from '../../core/flow/control/control.ts';
import { validMs } from '../../core/flow/control/request.ts';
import { StoreUnavailable } from '../../core/flow/ports.ts';
import type { Operation, Step } from '../../core/model/operation.ts';
import { CommandError, exitCodes, messageOf } from '../failure.ts';
import { stopSignal } from '../stopSignal.ts';
import { stepLine } from './history.ts';

/** A move takes seconds. After this it is not waited for any more, whatever becomes of it. */
const longestMs = 600_000;

/**
 * Waits for what comes of an operation that was asked for just now; Ctrl-C ends the waiting, not the operation. Steps are told
 * on stderr when that is a terminal.
 * @throws CommandError when it stalls, or nothing comes of it
 */
export async function follow(control: Control, pair: string, id: string, pollMs: number): Promise<Operation> {
  const startMs = systemClock.monotonicMs();
  const signal = stopSignal(() => {});
  const tell = createStepTeller();
  for (;;) {
    const found = await stateOf(control, id);
    const waitedMs = systemClock.monotonicMs() - startMs;
    if (!found || (found.state === 'waiting' && waitedMs > 2 * validMs)) throw nothingCame(pair);
    if ('operation' in found) tell(found.operation.steps);
    if (found.state === 'ended') return found.operation;
    if (found.state === 'under-way' && found.operation.phase === 'stalled')
      throw new CommandError(operationSentence(found.operation), exitCodes.failed);
    if (signal.aborted) throw notWaited(id, 'Interrupted', exitCodes.interrupted);
    if (waitedMs > longestMs)
      throw notWaited(id, `After ${longestMs / 60_000} min it is still under way`, exitCodes.failed);
    await systemClock.sleep(pollMs, signal);
  }
}

async function stateOf(control: Control, id: string): Promise<OperationState | undefined> {
  try {
    return await control.operation(id);
  } catch (error) {
    if (error instanceof Refusal && error.refusal === 'unknown-operation') return undefined;
    if (!(error instanceof CommandError || error instanceof StoreUnavailable)) throw error;
    // Whoever reads only that something cannot be reached would ask for it again.
    throw notWaited(id, messageOf(error).replace(/\.$/, ''), exitCodes.failed);
  }
}

function nothingCame(pair: string): CommandError {
  return new CommandError(
    `Nothing came of the request within ${validMs / 1_000} s; it is withdrawn. \`warren why ${pair}\` says what it waited for.`,
    exitCodes.refused,
  );
}

function notWaited(id: string, why: string, exitCode: CommandError['exitCode']): CommandError {
  const advice = `\`warren operation ${id}\` shows it, \`warren cancel ${id}\` calls it off while that is possible`;
  return new CommandError(`${why}: no longer waiting. The operation ${id} goes on; ${advice}.`, exitCode);
}

/** Says each step once it is done, and again when it fails in another way. */
function createStepTeller(): (steps: Step[]) => void {
  const told = new Set<string>();
  return (steps) => {
    if (!process.stderr.isTTY) return;
    for (const step of steps) {
      const line = stepLine(step);
      if (step.status === 'pending' || step.status === 'running' || told.has(line)) continue;
      told.add(line);
      process.stderr.write(`${line}\n`);
    }
  };
}
