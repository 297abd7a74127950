import { describe, expect, jest } from '@jest/globals';
import { systemClock } from '../../../adapters/system/clock.ts';
import { restartableTarget } from '../../contracts/restartable.ts';
import { describeTargetContract } from '../../contracts/target.ts';
import { emptyStates, type Kind, openPlace } from './place.ts';

jest.setTimeout(30_000);

const weights = {
  beijing: { beijing: 100, shanghai: 0 },
  shanghai: { beijing: 0, shanghai: 100 },
  split: { beijing: 50, shanghai: 50 },
  none: { beijing: 0, shanghai: 0 },
};

describe.each<Kind>(['network', 'application', 'rule'])('%s', (kind) => {
  describeTargetContract('the ELBv2 target', async () => {
    const place = await openPlace(kind);
    const restartable = restartableTarget(place.target({}, { budgetMs: 1_500 }));
    const edit = async (active: keyof typeof weights) => place.weigh(weights[active]);
    return {
      target: restartable.target,
      clock: systemClock,
      edit,
      async restart() {
        await edit('beijing');
        restartable.restart();
      },
      async stopAnswering() {
        place.elbv2.isHung = true;
      },
      async answerAgain() {
        place.elbv2.isHung = false;
      },
      async remove() {
        expect(emptyStates(place.elbv2)).toEqual([]);
        await place.close();
      },
    };
  });
});
