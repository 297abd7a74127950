/** The signal behind each that counts. */
const counted = new WeakMap<AbortSignal, AbortSignal>();

/**
 * A signal that tells of every turn of the loop it ends: the loop asks before each turn whether it is over. Whoever listens while it
 * asks is waiting between two turns, and that is none.
 */
export function countTurns(signal: AbortSignal, onTurn: () => void): AbortSignal {
  let listeners = 0;
  const counting = new Proxy(signal, {
    get(inner, name) {
      if (name === 'aborted' && listeners === 0 && !inner.aborted) onTurn();
      if (name === 'addEventListener') listeners += 1;
      if (name === 'removeEventListener') listeners -= 1;
      const value: unknown = Reflect.get(inner, name);
      return typeof value === 'function' ? value.bind(inner) : value;
    },
  });
  counted.set(counting, signal);
  return counting;
}

/** The signal itself, for whoever is no loop. */
export const plainSignal = (signal: AbortSignal | undefined) => (signal && counted.get(signal)) ?? signal;
