import { Problem } from '../kernel/problem.js';
import type { Operation } from '../operations/operation.js';
import type { Exchange } from './exchange.js';

/** RFC 7396. */
export const MERGE_PATCH = 'application/merge-patch+json';
export const NDJSON = 'application/x-ndjson';
const JSON_TYPE = 'application/json';
const EVENT_STREAM = 'text/event-stream';

/**
 * Whether an Accept header wants an operation's good answer as server-sent events rather than as anything else that it has: it
 * names them, and gives none of the others more weight, by name or by a wildcard; of two that are named with the same weight
 * the first counts. A wildcard alone is content with the others.
 */
export function wantsEventStream(accept: string | undefined, operation: Pick<Operation, 'lines' | 'streams'>): boolean {
  if (accept === undefined) return false;
  const ranges = rangesOf(accept);
  const wanted = rangeOf(ranges, EVENT_STREAM);
  if (wanted === null || wanted.type !== EVENT_STREAM || wanted.weight === 0) return false;
  return othersOf(operation).every((other) => {
    const its = rangeOf(ranges, other);
    if (its === null || its.weight !== wanted.weight) return its === null || its.weight < wanted.weight;
    return its.type !== other || ranges.indexOf(wanted) < ranges.indexOf(its);
  });
}

interface MediaRange {
  type: string;
  /** Its quality value (RFC 9110, section 12.4.2); 0 for what is none. */
  weight: number;
}

function rangesOf(accept: string): MediaRange[] {
  return accept
    .toLowerCase()
    .split(',')
    .map((range) => {
      const [type, ...parameters] = range.split(';').map((part) => part.trim());
      const q = parameters.find((parameter) => parameter.startsWith('q='));
      return { type: type!, weight: q === undefined ? 1 : Number(q.slice(2)) || 0 };
    });
}

/** The closest range that a type is in. */
function rangeOf(ranges: readonly MediaRange[], type: string): MediaRange | null {
  for (const closest of [type, type.replace(/\/.*/, '/*'), '*/*']) {
    const [first] = ranges.filter((range) => range.type === closest).sort((a, b) => b.weight - a.weight);
    if (first !== undefined) return first;
  }
  return null;
}

/** Who asks a stream for JSON is given lines of it. */
function othersOf({ lines, streams }: Pick<Operation, 'lines' | 'streams'>): string[] {
  return lines !== undefined || streams === true ? [NDJSON, JSON_TYPE] : [JSON_TYPE];
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
