import { hash } from 'node:crypto';
import type { SqlStatement } from '../../../platform/postgres/connection.js';

/** Planning a list takes longer than reading it. Each session keeps what it has prepared, so they must not become many. */
const MOST_SHAPES = 200;

const names = new Map<string, string>();

/**
 * A statement that was put together for a request, to be prepared where it is one of the first shapes that this process
 * was asked for: shapes are few where programs ask, and there is no end of those that could be made up.
 */
export function prepared(text: string, values: unknown[]): SqlStatement {
  let name = names.get(text);
  if (name === undefined) {
    if (names.size >= MOST_SHAPES) return { text, values };
    name = `conversations ${hash('sha256', text, 'hex').slice(0, 32)}`;
    names.set(text, name);
  }
  return { name, text, values };
}
