import { isUtf8 } from 'node:buffer';
import { setImmediate } from 'node:timers/promises';
import type { z } from 'zod';
import { Problem } from '../../../platform/kernel/problem.js';
import { fieldMessage } from '../../../platform/operations/field-messages.js';
import { type ImportLine, importedMessage, importLineOutside } from './import-line.js';

/** Validated in one go: about 1 ms. A line of 9,000 messages takes 100 ms, in which no other request would be answered. */
const AT_ONCE = 100;

/**
 * Reads a line, null for one that is too long, and lets others have their turn meanwhile. Throws `body_too_large`,
 * `malformed_request` and `invalid_request`.
 */
export async function parseLine(bytes: Buffer | null): Promise<ImportLine> {
  if (bytes === null) throw new Problem('body_too_large', 'The line has more than 1 MiB.');
  if (!isUtf8(bytes)) throw new Problem('malformed_request', 'The line is not UTF-8.');
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString('utf8'));
  } catch {
    throw new Problem('malformed_request', 'The line is not JSON.');
  }
  const outside = importLineOutside.safeParse(value, { error: fieldMessage });
  if (!outside.success) throw invalid([], outside.error);
  const messages: ImportLine['messages'] = [];
  for (const message of outside.data.messages) {
    if (messages.length > 0 && messages.length % AT_ONCE === 0) await setImmediate();
    const result = importedMessage.safeParse(message, { error: fieldMessage });
    if (!result.success) throw invalid(['messages', messages.length], result.error);
    messages.push(result.data);
  }
  if (new Set(messages.map(({ id }) => id)).size < messages.length) {
    throw new Problem('invalid_request', '/messages: two have the same id.');
  }
  return { ...outside.data, messages };
}

function invalid(within: readonly PropertyKey[], error: z.ZodError): Problem {
  const { path, message } = error.issues[0]!;
  return new Problem('invalid_request', `/${[...within, ...path].join('/')}: ${message}.`);
}
