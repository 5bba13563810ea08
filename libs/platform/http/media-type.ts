import { Problem } from '../kernel/problem.js';
import type { Operation } from '../operations/operation.js';
import type { Exchange } from './exchange.js';

/** Throws `unsupported_media_type` for a body that is not of the operation's type. No body and no type is none. */
export function mustBeTaken({ body, consumes = 'application/json' }: Operation, { request, hasBody }: Exchange): void {
  const sent = request.headers['content-type'];
  if (sent === consumes || body === null || (sent === undefined && !hasBody)) return;
  if (
    /^[^;]*/
      .exec(sent ?? '')![0]
      .trim()
      .toLowerCase() === consumes
  )
    return;
  throw new Problem('unsupported_media_type', `Send the body as ${consumes}.`);
}
