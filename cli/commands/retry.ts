import type { Operation } from '../../core/model/operation.ts';
import { changePair, requireReason } from '../changePair.ts';
import { CommandError, type ExitCode, exitCodes } from '../failure.ts';
import { print } from '../layout.ts';
import { openSource, pairNamed, type SourceOptions, withStore } from '../source.ts';

/** `warren retry`: a stalled operation tries again, from the step that failed. */
export async function retry(name: string, options: SourceOptions & { reason: string }): Promise<ExitCode> {
  requireReason(options.reason);
  const source = openSource(options);
  const pair = pairNamed(source, name);
  const written = await withStore(source, (store) =>
    changePair(store, pair.name, (record) =>
      record.operation?.phase === 'stalled' ? { ...record, operation: revived(record.operation) } : undefined,
    ),
  );
  if (!written) throw new CommandError(`No operation of ${pair.name} is stalled.`, exitCodes.refused);
  print(`Operation ${written.operation?.epoch} of ${pair.name} tries again as soon as the service takes it over.`);
  return exitCodes.done;
}

/** As it was before it stalled, with all its attempts. Nobody holds it, so any process may take it over. */
export function revived(operation: Operation): Operation {
  const committed = operation.steps.some(({ name, status }) => name === 'commit' && status === 'done');
  const steps = operation.steps.map((step) =>
    step.status === 'done' || step.status === 'skipped' ? step : { ...step, status: 'pending' as const, attempts: 0 },
  );
  return { ...operation, phase: committed ? 'committed' : 'claimed', holder: '', outcome: '', steps };
}
