import { Problem } from '../kernel/problem.js';
import type { Operation } from '../operations/operation.js';
import type { Exchange } from './exchange.js';

/** RFC 7396. */
export const MERGE_PATCH = 'application/merge-patch+json';
export const NDJSON = 'application/x-ndjson';
const JSON_TYPE = 'application/json';

/**
 * Whether an Accept header wants server-sent events rather than JSON: it names them, and gives JSON no more weight; of
 * two with the same weight the first counts. A wildcard names neither.
 */
export function wantsEventStream(accept: string | undefined): boolean {
  let [wanted, weight] = [false, 0];
  for (const range of (accept ?? '').toLowerCase().split(',')) {
    const [type, ...parameters] = range.split(';').map((part) => part.trim());
    if (type !== 'text/event-stream' && type !== 'application/json') continue;
    const q = parameters.find((parameter) => parameter.startsWith('q='));
    const its = q === undefined ? 1 : Number(q.slice(2));
    if (its > weight) [wanted, weight] = [type === 'text/event-stream', its];
  }
  return wanted;
}

/** The media types that an operation takes its body as. */
export function takenTypes({ body, consumes = JSON_TYPE, alsoConsumes = {} }: Operation): string[] {
  return body === null ? [] : [consumes, ...Object.keys(alsoConsumes)];
}

/** What a body was sent as, without its parameters. */
export function mediaTypeOf(contentType: string | undefined): string {
  return (contentType ?? '').split(';', 1)[0]!.trim().toLowerCase();
}

/** Throws `unsupported_media_type` for a body that is not of the operation's types. No body and no type is none. */
export function mustBeTaken(operation: Operation, { request, hasBody }: Exchange): void {
  const { body, consumes = JSON_TYPE, alsoConsumes } = operation;
  const sent = request.headers['content-type'];
  if (sent === consumes || body === null || (sent === undefined && !hasBody)) return;
  const mediaType = mediaTypeOf(sent);
  if (mediaType === consumes || (consumes === MERGE_PATCH && mediaType === JSON_TYPE)) return;
  if (alsoConsumes !== undefined && Object.hasOwn(alsoConsumes, mediaType)) return;
  throw new Problem('unsupported_media_type', `Send the body as ${takenTypes(operation).join(', or as ')}.`);
}
