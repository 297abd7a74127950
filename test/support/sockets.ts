/** Connections of this process over TCP: both ends of one to itself. */
export function openSockets(): number {
  return process.getActiveResourcesInfo().filter((kind) => kind === 'TCPSocketWrap').length;
}

/** Waits while the other ends close too. @throws Error when more than these are left after a second */
export async function untilSockets(count: number): Promise<void> {
  const endsAtMs = performance.now() + 1_000;
  while (openSockets() > count) {
    if (performance.now() > endsAtMs) throw new Error(`${openSockets() - count} connections were left`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
