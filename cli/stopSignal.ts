const stopSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * One press of Ctrl-C arrives several times: from the terminal, which signals every process of the command, and from each
 * launcher (npm, a wrapper) that passes it on. What follows within this time is the same press.
 */
const samePressMs = 500;

/**
 * A signal that aborts when this process is asked to stop: by Ctrl-C, by a supervisor, or because the terminal was closed.
 * @param onRepeat what to do when it is asked again
 */
export function stopSignal(onRepeat: () => void): AbortSignal {
  const controller = new AbortController();
  let firstAtMs: number | null = null;
  const onSignal = () => {
    if (firstAtMs === null) {
      firstAtMs = performance.now();
      controller.abort();
    } else if (performance.now() - firstAtMs > samePressMs) {
      onRepeat();
    }
  };
  for (const name of stopSignals) process.on(name, onSignal);
  return controller.signal;
}
