/** A line of a stack: `    at name (file:line:column)`. */
const PLACE = /^ {4}at /;
const PLACES = 5;

export interface LoggedError {
  name: string;
  code: string | undefined;
  /** Where it was thrown. */
  stack: string | undefined;
}

/** What may be logged of an error: where it was thrown, and not its message, which may quote a person. */
export function loggedError(error: unknown): LoggedError {
  const { name, message, code, stack } = error as { name: string; message: string; code?: string; stack?: string };
  // The stack begins with the message, which may have lines that look like places.
  const places = stack
    ?.slice(stack.indexOf(message) + message.length)
    .split('\n')
    .filter((line) => PLACE.test(line));
  return { name, code, stack: places?.slice(0, PLACES).join('\n') };
}
