import { beforeEach, describe, expect, test } from '@jest/globals';
import { createVirtualClock, type VirtualClock } from '../../../adapters/memory/clock.ts';
import type { Page } from '../../../adapters/route53/list.ts';
import { createPace, type Pace } from '../../../adapters/route53/pace.ts';
import { createZoneReads, type ZoneReads } from '../../../adapters/route53/zoneReads.ts';
import { startBudget } from '../../../core/flow/budget.ts';
import type { Route53TargetConfig } from '../../../core/model/targets/route53.ts';

const budgetMs = 2_400;
const configOf = (record: string, zone = 'Z1') => ({ zone, record, type: 'A' }) as Route53TargetConfig;

let clock: VirtualClock;
let pace: Pace;
let reads: ZoneReads;
/** When each listing was sent. */
let sentAtMs: number[];
let address: string;
beforeEach(() => {
  clock = createVirtualClock();
  pace = createPace(clock);
  reads = createZoneReads({ clock, pace });
  sentAtMs = [];
  address = '192.0.2.1';
});

const page: Page = async ({ StartRecordName: name = '' }) => {
  sentAtMs.push(clock.monotonicMs());
  const set = { Name: `${name}.`, Type: 'A' as const, TTL: 30, ResourceRecords: [{ Value: address }] };
  return { ResourceRecordSets: [set], IsTruncated: false, MaxItems: 20 };
};
const read = async (record = 'a.example.com', zone?: string) => {
  const { sets } = await reads.read(configOf(record, zone), startBudget(clock, budgetMs), page);
  return sets.map(({ ResourceRecords: [only] = [] }) => only?.Value);
};

describe('readings of one zone', () => {
  test('that are asked for at the same moment are one listing, and each is told of its own record', async () => {
    const both = Promise.all([read('b.example.com'), read('a.example.com')]);
    await clock.advance(0);
    expect(await both).toEqual([[], ['192.0.2.1']]);
    expect(sentAtMs).toEqual([0]);
  });

  test('follow each other at once twice, and then by a second', async () => {
    for (let each = 0; each < 4; each += 1) {
      const reading = read(`pair-${each}.example.com`);
      await clock.advance(1_000 * Number(each >= 2));
      await reading;
    }
    expect(sentAtMs).toEqual([0, 0, 1_000, 2_000]);
  });

  test('which read a record again at once, because it is being moved, follow by half a second', async () => {
    for (let each = 0; each < 5; each += 1) {
      const reading = read();
      await clock.advance(500 * Number(each >= 2));
      await reading;
    }
    expect(sentAtMs).toEqual([0, 0, 500, 1_000, 1_500]);
  });

  test('of twenty pairs, each every five seconds, are one a second', async () => {
    for (let tick = 0; tick < 5 * 20; tick += 1) {
      void read(`pair-${tick % 20}.example.com`);
      await clock.advance(250);
    }
    expect(sentAtMs.length).toBeLessThanOrEqual(27);
  });

  test('never tell what was listed before they were asked for', async () => {
    for (let each = 0; each < 2; each += 1) await read();
    const joining = [read(), read('other.example.com')];
    address = '198.51.100.1';
    await clock.advance(1_000);
    expect(await joining[0]).toEqual(['198.51.100.1']);
    const next = read();
    await clock.advance(1_000);
    expect(await next).toEqual(['198.51.100.1']);
    expect(sentAtMs).toHaveLength(4);
  });

  test('wait no longer than half of their time, and then are asked all the same', async () => {
    reads = createZoneReads({ clock, pace, everyMs: 60_000 });
    for (let each = 0; each < 2; each += 1) await read();
    const third = read();
    await clock.advance(budgetMs / 2);
    expect(await third).toEqual(['192.0.2.1']);
    expect(sentAtMs).toEqual([0, 0, 1_200]);
  });

  test('which fail, fail for all of them, and the next one is asked anew', async () => {
    const failing: Page = () => Promise.reject(new Error('Route 53 throttles'));
    const asked = ['a.example.com', 'b.example.com'].map((record) =>
      reads.read(configOf(record), startBudget(clock, budgetMs), failing),
    );
    for (const each of await Promise.allSettled(asked)) expect(each).toMatchObject({ status: 'rejected' });
    expect(await read()).toEqual(['192.0.2.1']);
  });
});

test('readings of another zone do not wait for those of the first', async () => {
  for (const zone of ['Z1', 'Z1', 'Z2']) await read('a.example.com', zone);
  expect(sentAtMs).toEqual([0, 0, 0]);
});

describe('a reading', () => {
  test('asks for as much as a page may hold where other names may be between those that it is about', async () => {
    const asked: (number | undefined)[] = [];
    const noting: Page = (request) => {
      asked.push(request.MaxItems);
      return page(request);
    };
    const listing = (...records: string[]) =>
      Promise.all(records.map((record) => reads.read(configOf(record), startBudget(clock, budgetMs), noting)));
    await listing('a.example.com', 'z.example.com');
    await listing('a.example.com');
    expect(asked).toEqual([300, 20]);
  });

  test('that would never end says so, and names no record of another pair', async () => {
    const endless: Page = async (request) => {
      return { ...(await page(request)), IsTruncated: true, NextRecordName: request.StartRecordName };
    };
    const readings = ['a.example.com', 'z.example.com'].map((record) =>
      reads.read(configOf(record), startBudget(clock, budgetMs), endless),
    );
    const reason = new Error('the zone has more record sets between the records than Warren reads');
    for (const reading of await Promise.allSettled(readings)) expect(reading).toMatchObject({ reason });
  });

  test('of several pages takes several of the requests that others wait for', async () => {
    let more = 2;
    const threePages: Page = async (request) => {
      more -= 1;
      return { ...(await page(request)), IsTruncated: more >= 0, NextRecordName: request.StartRecordName };
    };
    await reads.read(configOf('a.example.com'), startBudget(clock, budgetMs), threePages);
    expect(sentAtMs).toEqual([0, 0, 0]);
    const other = read('a.example.com', 'Z2');
    await clock.advance(199);
    expect(sentAtMs).toHaveLength(3);
    await clock.advance(1);
    await other;
  });
});

describe('the five requests a second', () => {
  const afterMs = async (ms: number) => {
    const reading = read();
    await clock.advance(ms - 1);
    expect(sentAtMs).toEqual([]);
    await clock.advance(1);
    await reading;
    expect(sentAtMs).toHaveLength(1);
  };

  test('go to flips first: readings wait while those use them up', async () => {
    for (let request = 0; request < 3; request += 1) pace.spend();
    await afterMs(200);
  });

  test('are taken to be spent by others when Route 53 refuses one', async () => {
    pace.empty();
    await clock.advance(400);
    await afterMs(200);
  });

  test('do not keep a reading waiting for long, however many flips have sent', async () => {
    for (let request = 0; request < 50; request += 1) pace.spend();
    await afterMs(300);
  });

  test('leave no debt of more than a second behind', async () => {
    for (let request = 0; request < 50; request += 1) pace.spend();
    await clock.advance(1_600);
    await read();
    expect(sentAtMs).toEqual([1_600]);
  });
});
