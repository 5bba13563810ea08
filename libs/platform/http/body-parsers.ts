import { isUtf8 } from 'node:buffer';
import type { FastifyInstance } from 'fastify';
import { Problem } from '../kernel/problem.js';
import { MERGE_PATCH } from './media-type.js';

/** A JSON body may have this many bytes; so may one line of NDJSON. */
export const BODY_LIMIT = 1024 * 1024;

/**
 * JSON is read whole, and refused where it is not UTF-8, for what cannot be decoded would be stored as other text.
 * NDJSON is given to its operation as it comes.
 */
export function addBodyParsers(fastify: FastifyInstance): void {
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser(
    ['application/json', MERGE_PATCH],
    { parseAs: 'buffer', bodyLimit: BODY_LIMIT },
    (_request, body, done) => {
      try {
        done(null, parseJson(body as Buffer));
      } catch (error) {
        done(error as Error);
      }
    },
  );
  fastify.addContentTypeParser('application/x-ndjson', (_request, stream, done) => done(null, stream));
}

function parseJson(body: Buffer): unknown {
  if (body.length === 0) return undefined;
  if (!isUtf8(body)) throw new Problem('malformed_request', 'The body is not UTF-8.');
  try {
    return JSON.parse(body.toString('utf8'));
  } catch (error) {
    // The parser's message may quote the body, which may name a person.
    const at = /position \d+( \(line \d+ column \d+\))?/.exec((error as Error).message)?.[0];
    throw new Problem('malformed_request', `The body is not JSON${at === undefined ? '' : ` at ${at}`}.`);
  }
}
