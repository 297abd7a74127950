import type { ExpectedCourse } from './course.ts';

const moved: ExpectedCourse = {
  decisions: ['active-down', 'latched'],
  operations: ['failover finished'],
  desired: 'shanghai',
};
const degraded: ExpectedCourse = { decisions: ['active-degraded'], operations: [], desired: 'beijing' };

/**
 * What comes of each scenario, on real clusters and in the simulator alike: both are checked against this one table, so
 * that neither can drift away from the other. Begins when Warren is ready for the first time.
 */
export const courses: Readonly<Record<string, ExpectedCourse>> = {
  'kill-primary': moved,
  'hang-primary': moved,
  'quorum-loss': moved,
  blackhole: moved,
  'hang-one': degraded,
  'hang-one-votes': moved,
  'memory-alarm': degraded,
  'memory-alarm-votes': moved,
  'disk-alarm': degraded,
  'disk-alarm-votes': moved,
  'kill-one': degraded,
  'management-down': degraded,
  'wrong-password': degraded,
  'both-down': { decisions: ['prober-distrusts-itself'], operations: [], desired: 'beijing' },
  'standby-sick': { ...moved, decisions: ['blocked-standby-ready', ...moved.decisions] },
  flap: { decisions: [], eitherWay: ['active-degraded'], operations: [], desired: 'beijing' },
  return: moved,
  'second-disaster': {
    decisions: [...moved.decisions, 'blocked-not-latched', 'blocked-standby-ready', 'active-down', 'latched'],
    operations: ['failover finished', 'failover finished'],
    desired: 'beijing',
  },
  // Whether there is evidence again before HAProxy is down, or Warren is stopped, nobody can say.
  'haproxy-restart': { ...moved, decisions: ['active-down', 'target-restarted'], eitherWay: ['latched'] },
  'foreign-edit': {
    decisions: ['foreign-edit', 'restore-by-person', 'foreign-edit', 'adopt-by-person'],
    operations: [],
    desired: 'shanghai',
  },
  'store-deleted': {
    decisions: ['active-down', 'first-look'],
    eitherWay: ['latched'],
    operations: [],
    desired: 'shanghai',
  },
  'failover-by-person': { ...moved, decisions: ['active-down', 'requested'] },
  switchover: {
    decisions: ['requested', 'requested'],
    operations: ['switchover finished', 'switchover finished'],
    desired: 'beijing',
  },
  'switchover-unfenceable': {
    decisions: ['requested'],
    // The node that hangs may be well again before its silence was noticed.
    eitherWay: ['active-degraded'],
    operations: ['switchover aborted'],
    desired: 'beijing',
  },
  drill: {
    decisions: ['requested', 'requested'],
    operations: ['drill finished', 'switchover finished', 'switchover finished'],
    desired: 'beijing',
  },
  'fence-on-return': moved,
  'warren-killed-while-fencing': {
    decisions: ['requested'],
    operations: ['switchover finished'],
    desired: 'shanghai',
  },
  'warren-killed-after-claim': moved,
  'warren-killed-after-commit': moved,
  'warren-killed-after-flip': moved,
};
