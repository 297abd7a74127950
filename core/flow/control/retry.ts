import { answerWords, refusalWords } from '../../explain/control.ts';
import type { Caller } from '../../model/act.ts';
import type { Operation } from '../../model/operation.ts';
import { answered } from './audit.ts';
import { changePair } from './change.ts';
import type { Answer, Why } from './control.ts';
import type { ControlOptions } from './options.ts';
import { refuse } from './refuse.ts';

/** Lets a stalled operation try again, from the step that failed. @throws Refusal `nothing-stalled` */
export function retry(options: ControlOptions, caller: Caller, name: string, why: Why): Promise<Answer> {
  const asked = { pair: name, verb: 'retry', details: {} } as const;
  return answered(options, caller, asked, why, async () => {
    const change = { operation: null as Operation | null };
    await changePair(
      options,
      name,
      (record) => {
        if (record.operation?.phase !== 'stalled') return refuse('nothing-stalled', refusalWords.nothingStalled(name));
        change.operation = revived(record.operation);
        return { ...record, operation: change.operation };
      },
      why.dryRun,
    );
    const sentence = change.operation ? answerWords.retries(why.dryRun ? 'would' : 'done', change.operation) : '';
    return { changed: true, sentence };
  });
}

/** As it was before it stalled, with all its attempts. Nobody holds it, so any process may take it over. */
export function revived(operation: Operation): Operation {
  const committed = operation.steps.some(({ name, status }) => name === 'commit' && status === 'done');
  const steps = operation.steps.map((step) =>
    step.status === 'done' || step.status === 'skipped' ? step : { ...step, status: 'pending' as const, attempts: 0 },
  );
  return { ...operation, phase: committed ? 'committed' : 'claimed', holder: '', outcome: '', steps };
}
