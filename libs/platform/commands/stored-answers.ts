import { encodeCursor } from '../event-store/cursor.js';
import type { StoreIdentity } from '../event-store/epoch.js';
import type { Reply } from '../operations/reply.js';
import type { Connection } from '../postgres/connection.js';
import { keyReused, problemOf } from './command-problems.js';
import { keptAnswer } from './kept-answer.js';
import type { Pending } from './pending.js';

interface StoredAnswer {
  key: string;
  fingerprint: string;
  status: number;
  response: Buffer;
  position: number | null;
  etag: number | null;
}

/**
 * Answers requests whose keys were used before as they were answered then; one that is another request under the same
 * key is refused. Returns those of which nothing is kept: they are yet to be carried out. Owns nothing.
 */
export async function answerAgain(
  pendings: readonly Pending[],
  ports: { reads: Connection; store(): StoreIdentity },
): Promise<Pending[]> {
  if (pendings.length === 0) return [];
  const store = ports.store();
  let answers: Map<string, StoredAnswer>;
  try {
    answers = await readAnswers(pendings, ports.reads);
  } catch (error) {
    for (const pending of pendings) pending.reject(problemOf(error));
    return [];
  }
  const unknown: Pending[] = [];
  for (const pending of pendings) {
    const { key, fingerprint } = pending.idempotency!;
    const answer = answers.get(key);
    if (answer === undefined) unknown.push(pending);
    else if (answer.fingerprint.replaceAll('-', '') !== fingerprint) pending.reject(keyReused());
    else replay(pending, answer, store);
  }
  return unknown;
}

async function readAnswers(pendings: readonly Pending[], reads: Connection): Promise<Map<string, StoredAnswer>> {
  const { rows } = await reads.query<StoredAnswer>({
    name: 'stored_answers',
    text: 'select key, fingerprint, status, response, position, etag from log.idempotency where key = any ($1::uuid[])',
    values: [pendings.map((pending) => pending.idempotency!.key)],
  });
  return new Map(rows.map((row) => [row.key.replaceAll('-', ''), row]));
}

function replay(pending: Pending, { status, response, position, etag }: StoredAnswer, store: StoreIdentity): void {
  let body: string;
  try {
    body = keptAnswer(pending, response);
  } catch (error) {
    pending.reject(error);
    return;
  }
  const reply: Reply = { status, body, replayed: true };
  if (etag !== null) reply.etag = etag;
  const { workspace } = pending.request;
  if (position !== null) reply.position = encodeCursor(store, { position: Number(position) }, workspace);
  if (status >= 400) reply.contentType = 'application/problem+json';
  pending.resolve(reply);
}
