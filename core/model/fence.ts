/**
 * What one node says of the fence.
 * - `closed`: every fenced user's limit is 0 there, none of them is connected, and a login was refused where one could be tried
 * - `open`: an application could be, or is, connected there
 * - `partly`: some of the users may not connect, others may; only a look says so
 * - `down`: refuses AMQP connections, so nobody is connected and nobody can be
 * - `unknown`: did not answer, or could not be understood; never taken for done
 */
export type FenceVerdict = 'closed' | 'open' | 'partly' | 'down' | 'unknown';

/** What every node of a site says of the fence. */
export interface FenceReading {
  site: string;
  nodes: { node: string; verdict: FenceVerdict; detail: string }[];
}

/** Proven: every node that takes connections keeps the applications out, and at least one node says so. */
export function isClosed({ nodes }: FenceReading): boolean {
  return nodes.some(({ verdict }) => verdict === 'closed') && nodes.every(({ verdict }) => isShut(verdict));
}

/** Nothing of the fence is left at any node that takes connections. */
export function isOpen({ nodes }: FenceReading): boolean {
  return (
    nodes.some(({ verdict }) => verdict === 'open') &&
    nodes.every(({ verdict }) => verdict === 'open' || verdict === 'down')
  );
}

/** A fence could be set now: every node answered, or is down, and at least one answered. */
export function isFenceable({ nodes }: FenceReading): boolean {
  return nodes.some(({ verdict }) => verdict !== 'down') && nodes.every(({ verdict }) => verdict !== 'unknown');
}

const isShut = (verdict: FenceVerdict) => verdict === 'closed' || verdict === 'down';

/** Some application at least would be refused by some node. */
export function isRefusing({ nodes }: FenceReading): boolean {
  return nodes.some(({ verdict }) => verdict === 'closed' || verdict === 'partly');
}
