/** What the probes of one site tell each other: an alarm and a drain concern more than the node that reported them. */
export class SiteKnowledge {
  readonly #memoryMs: number;
  readonly #drainedSinceMs = new Map<string, number>();
  readonly #missingPaths = new Map<string, Set<string>>();
  readonly #versions = new Map<string, string>();
  readonly #declareRetryAtMs = new Map<string, number>();
  readonly #movedAtMs = new Map<string, number>();
  readonly #blocked = new Map<string, string>();
  #alarm: { detail: string; seenAtMs: number } | null = null;

  /** @param memoryMs how long an alarm or a drain is believed without being reported again */
  constructor(memoryMs: number) {
    this.#memoryMs = memoryMs;
  }

  /** The alarm that blocks the publishers of the whole cluster, as last reported; not for ever, reporters fall silent. */
  alarm(nowMs: number): string | null {
    const [blocked] = this.#blocked.values();
    const reported = this.#alarm && nowMs - this.#alarm.seenAtMs < this.#memoryMs ? this.#alarm.detail : null;
    return reported ?? blocked ?? null;
  }

  /** connection.blocked on the kept connection of a node; null: unblocked, or the connection is gone. */
  reportBlocked(node: string, reason: string | null): void {
    if (reason === null) this.#blocked.delete(node);
    else this.#blocked.set(node, reason);
  }

  /** What the alarms check said. */
  reportAlarm(detail: string, nowMs: number): void {
    this.#alarm = { detail, seenAtMs: nowMs };
  }

  /** Something that began at `sinceMs` proved that there is no alarm; a later report stands. */
  reportNoAlarm(sinceMs: number): void {
    if (this.#alarm && this.#alarm.seenAtMs <= sinceMs) this.#alarm = null;
  }

  /** What a node says about a peer or itself (`being_drained`). The drained node itself just refuses connections. */
  reportDrain(node: string, drained: boolean, nowMs: number): void {
    if (drained) this.#drainedSinceMs.set(node, nowMs);
    else this.#drainedSinceMs.delete(node);
  }

  isDrained(node: string, nowMs: number): boolean {
    const reportedAtMs = this.#drainedSinceMs.get(node);
    return reportedAtMs !== undefined && nowMs - reportedAtMs < this.#memoryMs;
  }

  /** Whether the node's version answered 404 for this path: then it is not asked again. */
  isMissing(node: string, path: string): boolean {
    return this.#missingPaths.get(node)?.has(path) ?? false;
  }

  reportMissing(node: string, path: string): void {
    const paths = this.#missingPaths.get(node) ?? new Set();
    this.#missingPaths.set(node, paths.add(path));
  }

  /** Another version may have what the last one had not. */
  reportVersion(node: string, version: string | undefined): void {
    if (version === undefined || this.#versions.get(node) === version) return;
    this.#versions.set(node, version);
    this.#missingPaths.delete(node);
  }

  /** A stalled declare keeps a channel of the broker busy for up to a minute: the next one waits. */
  mayDeclare(node: string, nowMs: number): boolean {
    return nowMs >= (this.#declareRetryAtMs.get(node) ?? nowMs);
  }

  reportStalledDeclare(node: string, retryAtMs: number): void {
    this.#declareRetryAtMs.set(node, retryAtMs);
  }

  /** The probe queue of a node is deleted and declared again; `endedAtMs` is Infinity while that goes on. */
  reportMove(node: string, endedAtMs: number): void {
    this.#movedAtMs.set(node, endedAtMs);
  }

  wasMovedSince(node: string, startedAtMs: number): boolean {
    return (this.#movedAtMs.get(node) ?? Number.NEGATIVE_INFINITY) >= startedAtMs;
  }
}
