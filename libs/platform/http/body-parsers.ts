import { isUtf8 } from 'node:buffer';
import type { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { Problem } from '../kernel/problem.js';
import { MERGE_PATCH, NDJSON } from './media-type.js';

/** A JSON body may have this many bytes, where its operation does not say more; so may one line of NDJSON. */
export const BODY_LIMIT = 1024 * 1024;

/**
 * JSON is read whole, and refused where it is not UTF-8, for what cannot be decoded would be stored as other text.
 * NDJSON is given to its operation as it comes. `taken` are the media types of all operations: the others are JSON, too.
 */
export function addBodyParsers(fastify: FastifyInstance, taken: Iterable<string>): void {
  fastify.removeAllContentTypeParsers();
  const json = new Set(['application/json', MERGE_PATCH, ...taken].filter((type) => type !== NDJSON));
  fastify.addContentTypeParser([...json], { parseAs: 'buffer', bodyLimit: BODY_LIMIT }, (_request, body, done) => {
    try {
      done(null, parseJson(body as Buffer));
    } catch (error) {
      done(error as Error);
    }
  });
  fastify.addContentTypeParser(NDJSON, (_request, stream, done) => done(null, stream));
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

/** A body of NDJSON whose rows are checked together, whole. Throws `body_too_large`. */
export function wholeBody(stream: Readable, limit: number): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  const chunks: Buffer[] = [];
  let length = 0;
  const take = (chunk: Buffer) => {
    length += chunk.length;
    if (length <= limit) {
      chunks.push(chunk);
      return;
    }
    // The answer is sent before the rest has come.
    stream.off('data', take);
    stream.pause();
    reject(bodyTooLarge(limit));
  };
  stream.on('data', take);
  stream.once('end', () => resolve(Buffer.concat(chunks)));
  stream.once('error', reject);
  stream.once('close', () => reject(new Problem('malformed_request', 'The body ends before it is whole.')));
  return promise;
}

const MIB = 1024 * 1024;

export function bodyTooLarge(limit: number): Problem {
  return new Problem('body_too_large', `A body may have ${limit / MIB} MiB. Send less at once.`);
}
