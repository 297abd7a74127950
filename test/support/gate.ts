import type { Clock, Target } from '../../core/flow/ports.ts';

/** Where a process can be held up, as by SIGSTOP: wherever it waits, it goes on only when it may. */
export interface Gate {
  freeze(): void;
  /** Freezes the process when it next sends a flip, which is then still on its way. */
  freezeAtFlip(): void;
  thaw(): void;
  /** Does outside work, which goes on whatever becomes of the process. */
  through<T>(work: () => Promise<T>): Promise<T>;
  target(inner: Target): Target;
  clock(inner: Clock): Clock;
  /** The same object; every method that returns a promise goes through the gate. */
  port<T extends object>(inner: T): T;
}

export function createGate(): Gate {
  let held: PromiseWithResolvers<void> | null = null;
  let isArmed = false;
  const freeze = () => {
    held ??= Promise.withResolvers<void>();
  };
  const pass = async () => {
    while (held) await held.promise;
  };
  async function through<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } finally {
      await pass();
    }
  }
  return {
    freeze,
    freezeAtFlip() {
      isArmed = true;
    },
    thaw() {
      held?.resolve();
      held = null;
    },
    through,
    clock: (inner) => ({ ...inner, sleep: (ms, signal) => through(() => inner.sleep(ms, signal)) }),
    target: (inner) => ({
      id: inner.id,
      read: () => through(() => inner.read()),
      close: () => inner.close(),
      flip: (site, epoch) =>
        through(async () => {
          if (isArmed) freeze();
          isArmed = false;
          await pass();
          return inner.flip(site, epoch);
        }),
    }),
    port: (inner) => behind(inner, through),
  };
}

function behind<T extends object>(inner: T, through: Gate['through']): T {
  return new Proxy(inner, {
    get(target, key) {
      const value: unknown = Reflect.get(target, key);
      if (typeof value !== 'function') return value;
      return (...parameters: unknown[]) => {
        const result: unknown = value.apply(target, parameters);
        return result instanceof Promise ? through(() => result) : result;
      };
    },
  });
}
