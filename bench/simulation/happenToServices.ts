import { TargetError } from '../../core/flow/ports.ts';
import { add, type Beginnings, count, watchedNamed } from './beginnings.ts';
import { actAsPerson } from './people.ts';
import { cutKey } from './targetPort.ts';
import type { World } from './world.ts';

/** What happens to the store, to the targets, and to whatever else a process asks; and what people do. */
export const serviceBeginnings: Beginnings<
  | 'store-gone'
  | 'store-slow'
  | 'store-answer-lost'
  | 'store-lost'
  | 'read-fails'
  | 'target-slow'
  | 'target-unreadable'
  | 'target-fails'
  | 'target-late'
  | 'target-restarts'
  | 'target-edited'
  | 'hook'
  | 'kill-switch'
  | 'person'
> = {
  'store-gone'({ trouble: { storeGone } }, { vantage, forMs }, last) {
    count(storeGone, vantage, 1);
    last(forMs, () => count(storeGone, vantage, -1));
  },
  'store-slow': ({ trouble }, { latencyMs, forMs }, last) => add(trouble, 'storeLatencyMs', latencyMs, forMs, last),
  'store-answer-lost'({ trouble }, event, last) {
    trouble.lostAnswers.push({ ...event, over: last() });
  },
  'read-fails'({ trouble }, event, last) {
    trouble.failingReads.push({ ...event, over: last() });
  },
  'store-lost'({ store, watched, fleet }) {
    store.lose();
    fleet.pause = null;
    fleet.ledger.forget();
    for (const { judge, unclearLimits, pair } of watched) {
      // Whoever shut a side did not write down for whom else to know what was there before.
      const { fences, operation } = judge.record();
      for (const site of operation ? Object.keys(pair.sites) : Object.keys(fences)) unclearLimits.add(site);
      judge.onStoreLost(unclearLimits);
    }
  },
  'target-slow': ({ trouble }, { latencyMs, forMs }, last) => add(trouble, 'targetLatencyMs', latencyMs, forMs, last),
  'target-unreadable'(world, { target, vantage, forMs }, last) {
    if (vantage !== null) {
      const key = cutKey(vantage, target);
      count(world.trouble.targetCuts, key, 1);
      last(forMs, () => count(world.trouble.targetCuts, key, -1));
      return;
    }
    const found = targetNamed(world, target);
    found?.makeUnreadable('connection refused');
    last(forMs, () => found?.makeUnreadable(null));
  },
  'target-fails'(world, { target, times, tookEffect }) {
    for (let time = 0; time < times; time += 1)
      targetNamed(world, target)?.failNext('flip', new TargetError('ordered'), { afterTakingEffect: tookEffect });
  },
  'target-late'({ trouble }, { target, afterMs }, last) {
    trouble.lateFlips.push({ target, afterMs });
    last();
  },
  'target-restarts': (world, { target }) => targetNamed(world, target)?.restart(),
  'target-edited': (world, { target, active }) => targetNamed(world, target)?.edit(active),
  hook(world, { answer, forMs }, last) {
    world.hook = { answer, detail: 'ordered by the trace' };
    last(forMs, () => {
      world.hook = { answer: 'proceed', detail: '' };
    });
  },
  'kill-switch': ({ trouble }, { forMs }, last) => add(trouble, 'killSwitch', 1, forMs, last),
  person(world, event, last, answer) {
    const watched = watchedNamed(world, event.pair);
    const refused = actAsPerson(world, watched, event).catch((error) => {
      watched.judge.violate('people-are-answered', String(error));
      return null;
    });
    answer(refused);
    last(event.forMs);
  },
};

const targetNamed = ({ watched }: World, name: string) =>
  watched.flatMap(({ targets }) => targets).find(({ id }) => id === name);
