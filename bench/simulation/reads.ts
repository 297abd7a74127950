import type { Prober } from '../../core/flow/ports.ts';
import { type Outside, takeNext } from './outside.ts';
import type { Process } from './process.ts';

/**
 * Lets a read of this vantage be late, when it is its turn.
 * @param what what is read; anything that is no such read is never late
 * @returns whether it fails
 */
export async function readLate(
  { trouble, clock }: Pick<Outside, 'trouble' | 'clock'>,
  vantage: string,
  what: string,
): Promise<'failed' | 'read'> {
  const failing = takeNext(trouble.failingReads, (each) => each.vantage === vantage && each.what === what);
  if (!failing) return 'read';
  const { lateMs } = failing;
  const late = { lateMs: lateMs ?? 0, endedAtMs: Number.POSITIVE_INFINITY };
  if (lateMs !== null) {
    trouble.lateReads.push(late);
    await clock.sleep(lateMs);
    late.endedAtMs = clock.monotonicMs();
  }
  failing.over();
  return lateMs === null ? 'failed' : 'read';
}

/** A prober one of whose looks at the references may fail, or be late. */
export function withFailingLooks(
  prober: Prober,
  outside: Pick<Outside, 'trouble' | 'clock' | 'pair'>,
  process: Process,
): Prober {
  const looks = async () => {
    const outcome = await readLate(outside, process.vantage, 'references');
    if (outcome === 'read') return prober.probeReferences();
    return outside.pair.reference.map((reference) => ({ reference, visible: false, detail: 'no answer' }));
  };
  return { ...prober, probeReferences: () => process.through(looks) };
}
