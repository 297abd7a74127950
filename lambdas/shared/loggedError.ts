/** What may be logged of an error that nobody expected: its message may quote what nobody should read in a log, so it is left out. */
export interface LoggedError {
  /** The kind of error. */
  error: string;
  /** Where it came from, the innermost first; absent where that is not known. */
  stack?: string[];
}

/** The kind of error only. */
export function errorName(error: unknown): string {
  return error instanceof Error ? error.name : typeof error;
}

/** A line of a stack (V8, "Stack trace API"): the message before them may have several lines. */
const frame = /^\s+at .*(:\d+:\d+\)?|\(native\)|<anonymous>\)?)$/;
const framesMax = 10;

/** The kind of an error and where it came from. */
export function loggedError(error: unknown): LoggedError {
  const kind = { error: errorName(error) };
  // Of a foreign error neither need be a text.
  if (!(error instanceof Error) || typeof error.stack !== 'string') return kind;
  const afterMessage = error.stack.split(String(error.message) || '\n').at(-1) ?? '';
  const frames = afterMessage.split('\n').filter((line) => frame.test(line));
  return { ...kind, stack: frames.slice(0, framesMax).map((line) => line.trim()) };
}
