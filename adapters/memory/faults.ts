export interface Fault {
  /** The work is done, and the caller is told otherwise: an unknown outcome. */
  afterTakingEffect?: boolean;
}

/** Faults waiting to happen, per method, in the order they were asked for. */
export interface Faults<Method extends string> {
  failNext(method: Method, error: Error, fault?: Fault): void;
  /** Does the work, or fails as asked for. */
  around<T>(method: Method, work: () => Promise<T>): Promise<T>;
}

export function createFaults<Method extends string>(): Faults<Method> {
  const ordered: { method: Method; error: Error; fault: Fault }[] = [];
  return {
    failNext: (method, error, fault = {}) => void ordered.push({ method, error, fault }),
    async around(method, work) {
      const index = ordered.findIndex((waiting) => waiting.method === method);
      const [due] = index < 0 ? [] : ordered.splice(index, 1);
      if (due && !due.fault.afterTakingEffect) throw due.error;
      const result = await work();
      if (due) throw due.error;
      return result;
    },
  };
}
