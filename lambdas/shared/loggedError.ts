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
  const frames = withoutMessage(error.stack, String(error.message))
    .split('\n')
    .filter((line) => frame.test(line));
  return { ...kind, stack: frames.slice(0, framesMax).map((line) => line.trim()) };
}

/** A stack begins with the message, which may have lines like frames. What is a part of a path later on is not the message. */
function withoutMessage(stack: string, message: string): string {
  const at = message === '' ? -1 : stack.indexOf(message);
  return at < 0 ? stack : stack.slice(at + message.length);
}
