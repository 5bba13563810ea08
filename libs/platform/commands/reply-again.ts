import { encodeCursor } from '../event-store/cursor.js';
import type { StoreIdentity } from '../event-store/epoch.js';
import type { Reply } from '../operations/reply.js';
import { keptAnswer } from './kept-answer.js';
import type { Pending } from './pending.js';
import type { StoredAnswer } from './stored-answers.js';

/** The reply to a command that was carried out before. Throws where it was sealed, and cannot be opened. */
export function replyAgain(
  pending: Pending,
  { status, response, position, etag }: StoredAnswer,
  store: StoreIdentity,
): Reply {
  const reply: Reply = { status, body: keptAnswer(pending, response), replayed: true };
  if (etag !== null) reply.etag = etag;
  const { workspace } = pending.request;
  if (position !== null) reply.position = encodeCursor(store, { position: Number(position) }, workspace);
  if (status >= 400) reply.contentType = 'application/problem+json';
  return reply;
}
