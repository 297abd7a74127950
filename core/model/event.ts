import type { Severity } from './decision.ts';

/**
 * Something a person may want to know, as it happens: one plain sentence, and the value behind it for machines.
 * `kind` is stable.
 */
export interface WarrenEvent {
  /** Wall-clock milliseconds. */
  atMs: number;
  pair: string;
  kind: 'service' | 'health' | 'decision' | 'alert' | 'fence' | 'operation' | 'step' | 'report';
  severity: Severity;
  sentence: string;
  data: Record<string, unknown>;
}
