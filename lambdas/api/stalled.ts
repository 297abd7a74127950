import { type Control, Refusal } from '../../core/flow/control/control.ts';

/**
 * The pair of an operation that is under way: the only one a person can let go on. Asked by its id, so that nobody agrees to
 * another operation than the one they saw. @throws Refusal
 */
export async function pairThatCanGoOn(
  control: Control,
  id: string,
  otherwise: 'nothing-to-approve' | 'nothing-stalled',
): Promise<string> {
  const found = await control.operation(id);
  if (found.state === 'under-way') return found.operation.pair;
  const waits = otherwise === 'nothing-stalled' ? 'is stalled' : 'waits for a yes';
  const states = { waiting: 'has not begun', ended: 'is over', drill: 'is a drill' };
  const hint = found.state === 'drill' ? ' Name the switchover under way that it consists of, or the pair.' : '';
  throw new Refusal(otherwise, `${id} ${states[found.state]}, so nothing of it ${waits}.${hint}`);
}
