import type { Clock } from '../../core/flow/ports.ts';
import { createSources, type Source } from './sources.ts';
import { SecretUnavailable } from './unavailable.ts';

export interface SecretsOptions {
  clock: Clock;
  /** Where values come from; the AWS SDK unless a test says otherwise. */
  sources?: Source;
}

/** The values of references that need AWS, as they were lately. */
export interface Secrets {
  /**
   * The text behind `secretsmanager:ARN[#jsonKey]` or `ssm:NAME`. Bounded in time.
   * @throws SecretUnavailable, whose message says why and repeats no value
   */
  resolve(reference: string): Promise<string>;
  /** Closes connections. What is known stays known, and what is asked for later opens new ones. */
  close(): void;
}

/** So long a value is taken as it is: a rotated secret is used within a minute, and a flood of probes asks once. */
const freshForMs = 60_000;
/** So long an older value is used while AWS does not answer: whoever lost it could not probe, and so protect, anything. */
const usableForMs = 3_600_000;
/** While there is an older value, AWS is asked again no sooner than this. */
const askAgainAfterMs = 5_000;
const entriesMax = 200;
const patienceMs = 4_000;
/** A probe waits no longer for its credentials. */
const patienceWithOlderMs = 1_500;

interface Entry {
  text: string;
  atMs: number;
  askAtMs: number;
}

/** References to AWS Secrets Manager and to the Parameter Store of AWS Systems Manager. The SDK is loaded with the first. */
export function createSecrets({ clock, sources = createSources() }: SecretsOptions): Secrets {
  const known = new Map<string, Entry>();
  const asking = new Map<string, Promise<string>>();

  async function ask(reference: string, older: Entry | undefined): Promise<string> {
    try {
      const text = await sources.fetch(reference, AbortSignal.timeout(older ? patienceWithOlderMs : patienceMs));
      remember(known, reference, { text, atMs: clock.monotonicMs(), askAtMs: clock.monotonicMs() + freshForMs });
      return text;
    } catch (error) {
      const isRefused = !(error instanceof SecretUnavailable) || error.isFinal;
      if (!older || isRefused || clock.monotonicMs() - older.atMs > usableForMs) throw error;
      remember(known, reference, { ...older, askAtMs: clock.monotonicMs() + askAgainAfterMs });
      return older.text;
    } finally {
      asking.delete(reference);
    }
  }

  return {
    async resolve(reference) {
      const entry = known.get(reference);
      if (entry && clock.monotonicMs() < entry.askAtMs) return entry.text;
      const asked = asking.get(reference) ?? ask(reference, entry);
      asking.set(reference, asked);
      return await asked;
    },
    close: () => sources.close(),
  };
}

/** The oldest makes room. */
function remember(known: Map<string, Entry>, reference: string, entry: Entry): void {
  known.delete(reference);
  known.set(reference, entry);
  const [oldest] = known.keys();
  if (known.size > entriesMax && oldest !== undefined) known.delete(oldest);
}
