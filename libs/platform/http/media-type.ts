import { Problem } from '../kernel/problem.js';
import type { Operation } from '../operations/operation.js';
import type { Exchange } from './exchange.js';

/** RFC 7396. */
export const MERGE_PATCH = 'application/merge-patch+json';

/** Throws `unsupported_media_type` for a body that is not of the operation's type. No body and no type is none. */
export function mustBeTaken({ body, consumes = 'application/json' }: Operation, { request, hasBody }: Exchange): void {
  const sent = request.headers['content-type'];
  if (sent === consumes || body === null || (sent === undefined && !hasBody)) return;
  const [type] = (sent ?? '').split(';', 1);
  const mediaType = type!.trim().toLowerCase();
  if (mediaType === consumes || (consumes === MERGE_PATCH && mediaType === 'application/json')) return;
  throw new Problem('unsupported_media_type', `Send the body as ${consumes}.`);
}
