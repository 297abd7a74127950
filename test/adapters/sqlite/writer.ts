import { setTimeout } from 'node:timers/promises';
import { openSqliteStore } from '../../../adapters/sqlite/store.ts';
import { newPairRecord } from '../../../core/model/record.ts';

/**
 * A process of its own that writes until it is killed (or fails), and prints each version once it was acknowledged.
 * Usage: writer.ts FILE PAIR
 */
const [, , file = '', pair = ''] = process.argv;
try {
  const store = openSqliteStore(file);
  let record = (await store.readPair(pair)) ?? newPairRecord(pair);
  for (;;) {
    record = await store.writePair({ ...record, epoch: record.epoch + 1 });
    await store.recordTransition({
      pair,
      vantage: 'x'.repeat(1_000),
      site: 'beijing',
      atMs: record.version,
      from: null,
      to: 'up',
      sentence: '',
    });
    process.stdout.write(`${record.version}\n`);
    // SQLite's lock is not fair: without a pause one writer starves the other.
    await setTimeout(2);
  }
} catch (error) {
  process.stderr.write(String(error));
  process.exitCode = 1;
}
