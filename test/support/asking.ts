import type { Drill, OperationRequest } from '../../core/model/record.ts';
import type { World } from './world.ts';

/** Asks for an operation as a person does: the running service finds it in the record. */
export async function ask(
  { store, clock, record }: World,
  change: Partial<OperationRequest>,
  drill: Drill | null = null,
): Promise<void> {
  const current = await record();
  if (!current) throw new Error('nothing is recorded yet');
  const request: OperationRequest = {
    id: 'asked',
    verb: 'switchover',
    who: 'alice',
    reason: 'planned work',
    from: 'beijing',
    to: 'shanghai',
    overrides: [],
    notBeforeMs: clock.nowMs(),
    untilMs: clock.nowMs() + 60_000,
    supersedes: null,
    ...change,
  };
  await store.writePair({ ...current, request, drill });
}

/** The limit of a user at every node of a site. */
export function limitsOf({ fencer, pair }: World, site: string, user = 'app'): (number | null | undefined)[] {
  return (pair.sites[site]?.nodes ?? []).map(({ name }) => fencer.limits(site, name)[user]);
}
