import type { Node } from '../../core/model/config.ts';
import type { FenceVerdict } from '../../core/model/fence.ts';
import type { Credentials } from './failure.ts';
import { type FenceClient, Trouble } from './fenceClient.ts';

/** One node, with what the work at it needs to know. */
export interface FenceNode {
  node: Node;
  client: FenceClient;
  vhost: string;
  users: readonly string[];
  /** The names of all configured nodes of the site. */
  peers: readonly string[];
  /** An application's login, to be refused; null: none is configured. */
  proof: Credentials | 'unreadable' | null;
  connectionName: string;
  /** Users whose connections are being closed by a request that has not been answered yet. */
  closing: Set<string>;
}

/** What was found at one node. */
export interface Finding {
  verdict: FenceVerdict;
  detail: string;
  /** Nothing is left to do, or to try again would be of no use. */
  done: boolean;
}

/** Trying again changes nothing. */
export const settled = (verdict: FenceVerdict, detail: string): Finding => ({ verdict, detail, done: true });

/** Trying again may help. */
export const pending = (verdict: FenceVerdict, detail: string): Finding => ({ verdict, detail, done: false });

/** What keeps a node from being judged. Silence means `down` only where nothing listens for AMQP either. */
export async function explain(error: unknown, refusesAmqp: () => Promise<boolean>): Promise<Finding> {
  if (!(error instanceof Trouble)) {
    return pending('unknown', `unexpected ${error instanceof Error ? error.name : 'error'} in the fence`);
  }
  if (error.kind === 'denied') return settled('unknown', error.message);
  if (error.kind === 'silent' && (await refusesAmqp())) return settled('down', 'refuses AMQP connections');
  return pending('unknown', error.message);
}

/** The trouble that a write ran into; null: none. */
export async function troubleOf(write: Promise<void>): Promise<Trouble | null> {
  try {
    await write;
    return null;
  } catch (error) {
    if (error instanceof Trouble) return error;
    throw error;
  }
}

/** The first trouble. @throws Trouble if it was a denial: nothing else matters then */
export function worstOf(troubles: (Trouble | null)[]): Trouble | null {
  const denied = troubles.find((trouble) => trouble?.kind === 'denied');
  if (denied) throw denied;
  return troubles.find((trouble) => trouble !== null) ?? null;
}

export const because = (detail: string, trouble: Trouble | null) =>
  trouble ? `${detail}; writing it: ${trouble.message}` : detail;

/** A limit in words. */
export const words = (limit: number | null) => (limit === null ? 'none' : String(limit));
