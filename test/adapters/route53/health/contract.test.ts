import { describe, jest } from '@jest/globals';
import { systemClock } from '../../../../adapters/system/clock.ts';
import { restartableTarget } from '../../../contracts/restartable.ts';
import { describeTargetContract } from '../../../contracts/target.ts';
import { openPlace, regions, says } from './place.ts';

jest.setTimeout(30_000);

type State = 'beijing' | 'shanghai' | 'split' | 'none';

const three: Record<State, (string | null)[]> = {
  beijing: Array(3).fill(says('beijing', 0)),
  shanghai: Array(3).fill(says('shanghai', 0)),
  split: [says('beijing', 0), says('shanghai', 0), null],
  none: [null, null, null],
};
const one: Record<State, (string | null)[]> = {
  beijing: [says('beijing', 0)],
  shanghai: [says('shanghai', 0)],
  split: [says('tianjin', 0)],
  none: [null],
};

describe.each([
  [1, one],
  [3, three],
] as const)('a switch of %s', (count, states) => {
  describeTargetContract('the Route 53 health check target', async () => {
    const place = await openPlace(count);
    const restartable = restartableTarget(place.target({}, { budgetMs: 1_500 }));
    const edit = async (active: State) => place.edit(states[active]);
    return {
      target: restartable.target,
      clock: systemClock,
      edit,
      async restart() {
        await edit('beijing');
        restartable.restart();
      },
      async stopAnswering() {
        for (const region of regions) place.s3.hungRegions.add(region);
      },
      async answerAgain() {
        place.s3.hungRegions.clear();
      },
      remove: place.close,
    };
  });
});
