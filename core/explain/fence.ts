import type { FenceReading } from '../model/fence.ts';
import type { Fence } from '../model/record.ts';
import { list } from './words.ts';

/** Why a side could not be fenced now, without a full stop; empty when it could. */
export function unfenceable({ nodes }: FenceReading): string {
  if (nodes.every(({ verdict }) => verdict === 'down')) return 'no node of it takes connections';
  return list(nodes.flatMap(({ node, verdict, detail }) => (verdict === 'unknown' ? `${node}: ${detail}` : [])));
}

/** What keeps a fence from being proven, or its release from being done; node by node, without a full stop. */
export function fenceFindings({ nodes }: FenceReading, wanted: 'closed' | 'open'): string {
  const others = nodes.filter(({ verdict }) => verdict !== wanted && !(wanted === 'closed' && verdict === 'down'));
  if (others.length === 0 && wanted === 'closed') return 'no node takes connections';
  return list(others.map(({ node, detail }) => `${node}: ${detail}`));
}

/** What became of a fence. */
export function fenceSentence({ site, epoch, state, detail }: Fence): string {
  const because = detail === '' ? '' : ` (${detail})`;
  switch (state) {
    case 'wanted':
      return `${site} is not fenced${because}: applications that reach it directly may still use it. This is tried again.`;
    case 'set':
      return `${site} is fenced since operation ${epoch}: applications are refused there.`;
    case 'releasing':
      return `The fence of ${site} is being lifted${because}.`;
    case 'released':
      return `The fence of ${site} is lifted: applications may connect again.`;
  }
}

/** A side that could be fenced before, or was not looked at yet, could not be now; or it can again. */
export function fenceabilitySentence(reading: FenceReading): string {
  const problem = unfenceable(reading);
  if (problem === '') return `${reading.site} can be fenced again.`;
  return `${reading.site} could not be fenced now: ${problem}. A failover would leave it unfenced.`;
}

/** Applications are refused where traffic goes, and not by a fence of Warren; or are let in again. */
export function shutOutSentence({ site, nodes }: FenceReading, shut: boolean): string {
  if (!shut) return `${site} lets applications in again.`;
  const where = list(
    nodes.flatMap(({ node, verdict, detail }) =>
      verdict === 'closed' || verdict === 'partly' ? [`${node} (${detail})`] : [],
    ),
  );
  return (
    `Applications may not connect to ${site}, where traffic goes: connection limits of its fenced users are 0 at ${where}, ` +
    'and no fence of Warren is recorded there. Lift these limits by hand.'
  );
}
