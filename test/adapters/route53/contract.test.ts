import { describe, jest } from '@jest/globals';
import { systemClock } from '../../../adapters/system/clock.ts';
import { restartableTarget } from '../../contracts/restartable.ts';
import { describeTargetContract } from '../../contracts/target.ts';
import { type RecordSet, recordSet } from '../../support/aws/route53Sets.ts';
import { healthChecks, openPlace, record, simpleSet, values } from './place.ts';

jest.setTimeout(30_000);

type State = 'beijing' | 'shanghai' | 'split' | 'none';

const simple: Record<State, RecordSet[]> = {
  beijing: [simpleSet(values.beijing)],
  shanghai: [simpleSet(values.shanghai)],
  split: [simpleSet([...values.beijing, ...values.shanghai])],
  none: [],
};

const sets = (of: (site: 'beijing' | 'shanghai') => Partial<RecordSet>) =>
  (['beijing', 'shanghai'] as const).map((site) =>
    recordSet({ name: record, values: values[site], setIdentifier: `warren-${site}`, ...of(site) }),
  );
const weighted: Record<State, RecordSet[]> = {
  beijing: sets((site) => ({ weight: site === 'beijing' ? 255 : 0 })),
  shanghai: sets((site) => ({ weight: site === 'shanghai' ? 255 : 0 })),
  // Guide, "Weighted routing": when all weigh nothing, all are answered.
  split: sets(() => ({ weight: 0 })),
  none: [],
};
const failoverTo = (primary: string) =>
  sets((site) => ({ failover: site === primary ? 'PRIMARY' : 'SECONDARY', healthCheckId: healthChecks[site] }));
const failover: Record<State, RecordSet[]> = {
  beijing: failoverTo('beijing'),
  shanghai: failoverTo('shanghai'),
  split: simple.split,
  none: [],
};

describe.each([
  ['simple', simple, {}],
  ['weighted', weighted, {}],
  ['failover', failover, { healthChecks }],
] as const)('a %s record', (routing, states, change) => {
  describeTargetContract('the Route 53 target', async () => {
    const place = await openPlace();
    const restartable = restartableTarget(place.target({ routing, ...change }, { budgetMs: 1_500 }));
    const edit = async (active: State) => place.route53.edit(record, states[active]);
    return {
      target: restartable.target,
      clock: systemClock,
      edit,
      async restart() {
        await edit('beijing');
        restartable.restart();
      },
      async stopAnswering() {
        place.route53.isHung = true;
      },
      async answerAgain() {
        place.route53.isHung = false;
      },
      remove: place.close,
    };
  });
});
