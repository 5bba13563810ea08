import { type Refusal, refuse } from '../kernel/decider.js';
import { type IdPrefix, toId } from '../kernel/id.js';
import { Problem } from '../kernel/problem.js';
import { PersonErasedError } from '../keys/key-errors.js';
import { isUnavailable, unavailable } from '../postgres/connection.js';

/*
 * What the write shell itself refuses, and what it says of errors. A `Refusal` is an answer on a state, and is kept for
 * retries; a `Problem` is thrown, and is not.
 */

export function keyReused(): Problem {
  return new Problem(
    'idempotency_key_reused',
    'This idempotency key was sent with another request before. Use a new key for a new request.',
  );
}

export function firstInFlight(): Problem {
  const detail = 'The first request with this key has not ended yet. Try again later.';
  return new Problem('request_in_flight', detail, { retryAfter: 1 });
}

export function notFound(stream: string): Problem {
  return new Problem('not_found', `There is no ${stream} in this workspace.`);
}

export function unknownReference(stream: string): Problem {
  return new Problem('unknown_reference', `There is no ${stream} in this workspace. Make it first.`);
}

export function versionMismatch(stream: string, version: number): Refusal {
  return refuse(
    'version_mismatch',
    `${stream} is at version ${version}. Read it again, and send If-Match with the ETag that you get.`,
  );
}

export function externalIdTaken(prefix: IdPrefix, taken: ReadonlyMap<number, string>): Refusal {
  const owner = toId(prefix, [...taken.values()][0]!);
  return refuse('external_id_taken', `The external id or name is taken by ${owner}. Use that one, or choose another.`);
}

/** Before the first append of a store that was put back while its log is on Kafka (docs/decisions/0017). */
export function awaitsKafka(): Problem {
  return new Problem(
    'unavailable',
    'The store was put back to an earlier moment, and takes no changes before it is known what Kafka has beyond it. Where ' +
      'this lasts, Kafka is away or has more: run `heddle log reconcile`.',
    { retryAfter: 5 },
  );
}

export function personErased(subject: string): Refusal {
  return refuse('person_erased', `${subject} was erased: nothing more can be kept of them.`);
}

/** What a command that failed is answered: the problem that the error means, or the error where it means none. */
export function problemOf(error: unknown): unknown {
  if (error instanceof Problem) return error;
  if (isUnavailable(error)) return unavailable();
  if (!(error instanceof PersonErasedError)) return error;
  const { refused, detail } = personErased(error.subject);
  return new Problem(refused, detail);
}
