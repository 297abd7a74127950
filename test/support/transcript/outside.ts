import { type HookAnswer, TargetError } from '../../../core/flow/ports.ts';
import { duration } from '../../../core/model/duration.ts';
import type { World } from '../world.ts';

/** What happens to everything that is neither a broker nor a person; false: this is no such thing. */
export function obeyOutside(world: World, [subject = '', first = '', second = '']: string[]): boolean {
  const { clock, fencer, pair, prober, setHook } = world;
  switch (subject) {
    case 'app':
      fencer.connect(first, 'app', Number(second));
      return true;
    case 'clock':
      clock.setWallClock(clock.nowMs() + duration.parse(first));
      return true;
    case 'hook':
      setHook({ answer: first as HookAnswer['answer'], detail: first === 'refuse' ? 'a freeze is on' : '' });
      return true;
    case 'kill-switch':
      world.setKillSwitch(first === 'on');
      return true;
    case 'limit':
      fencer.setLimit(first, 'app', second === 'none' ? null : Number(second));
      return true;
    case 'management':
      fencer.setSite(first, second as 'well' | 'down' | 'silent');
      return true;
    case 'queue':
      fencer.setQueue(first, 'orders', Number(second));
      return true;
    case 'references':
      prober.setReference(pair.reference[0] ?? '', first === 'visible');
      return true;
    case 'store':
      if (first === 'lost') world.store.lose();
      else world.setStoreProblem(first === 'gone' ? 'The disk is full.' : null);
      return true;
    case 'target':
      obeyTarget(world, first, second);
      return true;
    default:
      return false;
  }
}

function obeyTarget(world: World, verb: string, object: string): void {
  const { target } = world;
  if (verb === 'restart') target.restart();
  else if (verb === 'unwritable') world.setFlipProblem('the API of the DNS service answers 503');
  else if (verb === 'writable') world.setFlipProblem(null);
  else if (verb === 'edit') target.edit(object);
  else if (verb === 'fails-to-flip') {
    for (let times = 0; times < Number(object); times += 1)
      target.failNext('flip', new TargetError('the runtime API did not answer'));
  } else target.makeUnreadable(verb === 'unreadable' ? 'connection refused' : null);
}
