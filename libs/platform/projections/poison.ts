import { UnknownSchemaError } from '../event-codec/codec-errors.js';
import { isUnavailable } from '../postgres/connection.js';

/** SQLSTATE of `advance` and `take_dead_letter`: another member was first, and this one has changed nothing. */
const OVERTAKEN = 'HD002';

/**
 * 22 data exception, 23 integrity constraint, 21 cardinality, 54 program limit (an index row too large), 08P01 a binary
 * parameter that is too short: these come from the values. 42 (no such table, no right to it), 40 (deadlock) and all
 * else do not, and a skipped event would not help.
 */
const OF_THE_DATA = /^((22|23|21|54)...|08P01)$/;

function sqlState(error: unknown): string | null {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) ? code : null;
}

export function isOvertaken(error: unknown): boolean {
  return sqlState(error) === OVERTAKEN;
}

/** Decoding, opening or folding an event failed in the program. */
export class UnreadableEventError extends Error {
  constructor(cause: unknown) {
    super('An event cannot be read', { cause });
    this.name = 'UnreadableEventError';
  }
}

/**
 * Runs what has only the events to fail on. Whatever it throws is laid to their charge, but for what says that a
 * server is away, and what Postgres says of a statement: that is judged by its SQLSTATE.
 */
export async function blamingEvents<T>(read: () => T | Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (sqlState(error) !== null || isUnavailable(error)) throw error;
    throw new UnreadableEventError(error);
  }
}

/** True where the events of a batch are at fault, so that the batch is to be cut until the one is found. */
export function isPoison(error: unknown): boolean {
  if (error instanceof UnreadableEventError) return true;
  const state = sqlState(error);
  return state !== null && OF_THE_DATA.test(state);
}

/** What says that a newer version wrote the event: it is good, and this process has to be updated. Null where nothing does. */
export function ofNewerVersion(error: unknown): UnknownSchemaError | null {
  return error instanceof UnreadableEventError && error.cause instanceof UnknownSchemaError ? error.cause : null;
}

/** Why an event was set aside. What stands in quotes, after a colon of Postgres's or after "Received" may be a value. */
export function causeOf(error: unknown): string {
  if (error instanceof UnreadableEventError) {
    const inner = error.cause;
    return inner instanceof Error ? `${inner.name}: ${withoutValues(inner.message)}` : 'the event cannot be read';
  }
  const { code, constraint, column, table, message } = error as Record<string, string | undefined>;
  const place = [table, column ?? constraint].filter((part) => part !== undefined).join('.');
  const said = withoutValues((message ?? '').replace(/: .*$/s, ''));
  return `SQLSTATE ${code}${place === '' ? '' : ` at ${place}`}: ${said}`;
}

/** What is told of an error that stops a projection: as of one that sets an event aside, it may not quote a person. */
export function troubleOf(error: unknown): string {
  if (sqlState(error) !== null || error instanceof UnreadableEventError) return causeOf(error);
  return withoutValues(error instanceof Error ? error.message : String(error));
}

function withoutValues(message: string): string {
  return message
    .replace(/"[^"]*"/g, '"…"')
    .replace(/Received .*$/s, '')
    .trim()
    .slice(0, 500);
}
