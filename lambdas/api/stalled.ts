import { type Control, Refusal } from '../../core/flow/control/control.ts';

/**
 * The pair of an operation that is under way: the only one a person can let go on. Asked by its id, so that nobody lets another
 * operation go on than the one they saw. @throws Refusal
 */
export async function pairThatCanGoOn(control: Control, id: string): Promise<string> {
  const found = await control.operation(id);
  if (found.state === 'under-way') return found.operation.pair;
  const states = { waiting: 'has not begun', ended: 'is over', drill: 'is a drill' };
  const hint = found.state === 'drill' ? ' Name the switchover under way that it consists of, or the pair.' : '';
  throw new Refusal('nothing-stalled', `${id} ${states[found.state]}, so nothing of it is stalled.${hint}`);
}

/**
 * The pair whose next automatic operation would have this id: a move that waits for a yes is no operation yet, and what was seen
 * under an older id is another one. @throws Refusal
 */
export async function pairThatWaits(control: Control, id: string): Promise<string> {
  const statuses = await control.status();
  const waiting = statuses.find(({ pair, record }) => `${pair}-${record.epoch + 1}` === id);
  if (waiting) return waiting.pair;
  const known = statuses.map(({ pair, record }) => `${pair}-${record.epoch + 1}`);
  throw new Refusal(
    'nothing-to-approve',
    `${id} is not a move that waits for a yes; those that could: ${known.join(', ')}.`,
  );
}
