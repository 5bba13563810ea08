import { typesOfWord, unknownWord, WORDS_ARE } from '../../../platform/event-schemas/type-words.js';
import { type FieldError, Problem } from '../../../platform/kernel/problem.js';
import { CERTIFICATE_KEYS, fingerprintOf } from './client-certificate.js';
import type { ClientCertificate } from './endpoint-secrets.js';
import { invalid } from './invalid.js';
import { requireFreeName } from './own-headers.js';

/** Throws `invalid_value` that names each word that means nothing. */
export function requireTypes(words: readonly string[]): void {
  const errors = words.flatMap((word, i): FieldError[] =>
    word === '*' || typesOfWord(word) !== null ? [] : [{ pointer: `/body/types/${i}`, message: unknownWord(word) }],
  );
  if (errors.length === 0) return;
  throw new Problem('invalid_value', `${errors[0]!.pointer} ${errors[0]!.message}. ${WORDS_ARE}`, { errors });
}

/** A certificate of a request's body, as it is kept. Throws `invalid_value`. */
export function certificateOf(
  given: { certificate: string; private_key: string } | null,
): { pair: ClientCertificate; sha256: string } | null {
  if (given === null) return null;
  const pair = { cert: given.certificate, key: given.private_key };
  const sha256 = fingerprintOf(pair);
  if (sha256 !== null) return { pair, sha256 };
  const wanted = `is not a certificate and its private key (${CERTIFICATE_KEYS}), both as PEM without a pass phrase`;
  throw invalid('/body/client_certificate', wanted);
}

/** Throws `invalid_value` where the header that is to have the signature of the body has a value already. */
export function requireFree(signature: string | null, headers: readonly (readonly [string, string])[]): void {
  if (signature === null) return;
  requireFreeName(signature, '/body/body_signature_header');
  const lower = signature.toLowerCase();
  if (!headers.some(([name]) => name.toLowerCase() === lower)) return;
  throw invalid('/body/body_signature_header', 'is a header that the endpoint has with a value of its own');
}
