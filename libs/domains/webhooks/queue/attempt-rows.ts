import type { SqlStatement } from '../../../platform/postgres/connection.js';
import {
  arraysOf,
  bytes,
  type Columns,
  count,
  flag,
  int8,
  text,
  unnest,
  uuid,
} from '../../../platform/projections/column.js';
import type { Attempt } from '../delivery/delivery-store.js';

/** What is kept of an answer. */
export interface KeptAnswer {
  /** The attempt's id, a UUIDv7 of when it began. */
  id: string;
  durationMs: number;
  status: number | null;
  error: string | null;
  taken: boolean;
  /** Headers and the beginning of the body, as they are kept; null for nothing. */
  kept: Buffer | null;
}

interface AttemptRow extends Attempt<KeptAnswer> {
  workspace: string;
}

const ATTEMPTS: Columns<AttemptRow> = {
  endpoint: uuid(({ endpoint }) => endpoint),
  id: uuid(({ answer }) => answer.id),
  workspace: uuid(({ workspace }) => workspace),
  run: count(({ due }) => due.run),
  position: int8(({ due }) => due.position),
  event: uuid(({ message }) => message.id),
  type: text(({ message }) => message.type),
  stream: uuid(({ message }) => message.stream),
  number: count(({ number }) => number),
  duration_ms: count(({ answer }) => answer.durationMs),
  status: count(({ answer }) => answer.status),
  error: text(({ answer }) => answer.error),
  taken: flag(({ answer }) => answer.taken),
  answer: bytes(({ answer }) => answer.kept),
  pin: text(({ due }) => due.pin),
};

const INSERT = `
  insert into webhooks.attempts (${Object.keys(ATTEMPTS).join(', ')})
  select * from ${unnest(ATTEMPTS)} on conflict do nothing`;

/** Attempts as rows. One that was written already, where nobody heard so, is there once. */
export function attemptRows(
  attempts: readonly Attempt<KeptAnswer>[],
  workspaceOf: (endpoint: string) => string,
): SqlStatement {
  const rows = attempts.map((attempt) => ({ ...attempt, workspace: workspaceOf(attempt.endpoint) }));
  return { name: 'insert attempts', text: INSERT, values: arraysOf(ATTEMPTS, rows) };
}
