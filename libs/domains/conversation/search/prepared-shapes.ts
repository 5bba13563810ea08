import { hash } from 'node:crypto';
import type { SqlStatement } from '../../../platform/postgres/connection.js';
import type { Filter } from './filter.js';

/** What the lists of a desk are filtered by, in the order of the list's own parameters. */
const USUAL_FIELDS = ['status', 'assignee', 'team', 'priority', 'channel'];

/**
 * Whether a list is one of the few hundred whose statements are prepared: of everything, or of what is equal in some of the
 * usual fields; by a text, of everything. Each session keeps what it has prepared, and there is no end of filters that could be
 * made up: which shapes are prepared must not depend on who asks first.
 */
export function isUsual({ filter, text }: { filter?: Filter | undefined; text?: string | undefined }): boolean {
  if (filter === undefined) return true;
  if (text !== undefined || !('and' in filter)) return false;
  let last = -1;
  return filter.and.every((one) => {
    const place = 'field' in one && one.op === 'is' ? USUAL_FIELDS.indexOf(one.field) : -1;
    const follows = place > last;
    last = place;
    return follows;
  });
}

/** By text; of usual lists alone, so there are few. */
const names = new Map<string, string>();

/** The statement of a usual list. Planning it takes longer than reading it. */
export function prepared(text: string, values: unknown[]): SqlStatement {
  let name = names.get(text);
  if (name === undefined) {
    name = `conversations ${hash('sha256', text, 'hex').slice(0, 32)}`;
    names.set(text, name);
  }
  return { name, text, values };
}
