import type { Connection } from '../postgres/connection.js';
import { keyReused, problemOf } from './command-problems.js';

/** What the store keeps of an answer under its request's key. */
export interface StoredAnswer {
  key: string;
  fingerprint: string;
  status: number;
  response: Buffer;
  position: number | null;
  etag: number | null;
}

interface Waiting<Answer> {
  /** As the store keeps them, in hex. */
  idempotency: { key: string; fingerprint: string } | null;
  resolve(answer: Answer): void;
  reject(error: unknown): void;
}

/**
 * Answers requests whose keys were used before as they were answered then; one that is another request under the same
 * key is refused. Returns those of which nothing is kept: they are yet to be carried out. Owns nothing.
 */
export async function answerAgain<Answer, Request extends Waiting<Answer>>(
  requests: readonly Request[],
  reads: Connection,
  answerOf: (request: Request, stored: StoredAnswer) => Answer,
): Promise<Request[]> {
  if (requests.length === 0) return [];
  let answers: Map<string, StoredAnswer>;
  try {
    answers = await readAnswers(
      requests.map(({ idempotency }) => idempotency!.key),
      reads,
    );
  } catch (error) {
    for (const request of requests) request.reject(problemOf(error));
    return [];
  }
  const unknown: Request[] = [];
  for (const request of requests) {
    const { key, fingerprint } = request.idempotency!;
    const stored = answers.get(key);
    if (stored === undefined) unknown.push(request);
    else if (stored.fingerprint.replaceAll('-', '') !== fingerprint) request.reject(keyReused());
    else {
      try {
        request.resolve(answerOf(request, stored));
      } catch (error) {
        request.reject(error);
      }
    }
  }
  return unknown;
}

async function readAnswers(keys: readonly string[], reads: Connection): Promise<Map<string, StoredAnswer>> {
  const { rows } = await reads.query<StoredAnswer>({
    name: 'stored_answers',
    text: 'select key, fingerprint, status, response, position, etag from log.idempotency where key = any ($1::uuid[])',
    values: [keys],
  });
  return new Map(rows.map((row) => [row.key.replaceAll('-', ''), row]));
}
