import type { SchemaReference } from './avro-schema.js';
import { refused } from './registry-error.js';
import type { VersionId } from './registry-tables.js';
import type { SchemaProposal } from './schema-proposal.js';

const MOST_NUMBER = 2 ** 31 - 1;

type Json = Record<string, unknown>;

/** `:.:` is the default context, the only one there is. */
export function subjectOf(text: string): string {
  const subject = text.startsWith(':.:') ? text.slice(3) : text;
  if (!isKept(subject) || subject.trim() === '') throw refused.invalidSubject(subject.slice(0, 100));
  return subject;
}

/** A prefix of subjects; `:*:` is any context. */
export function prefixOf(text: string | undefined): string {
  const prefix = (text ?? '').replace(/^:(\.|\*):/, '');
  if (!isKept(prefix)) throw refused.invalidSubject(prefix.slice(0, 100));
  return prefix;
}

/** `latest`, -1 for the same, or a number; throws 42202. */
export function versionOf(text: string): VersionId {
  if (text === 'latest' || text === '-1') return 'latest';
  const version = /^\d{1,10}$/.test(text) ? Number(text) : 0;
  if (version < 1 || version > MOST_NUMBER) throw refused.invalidVersion(text.slice(0, 100));
  return version;
}

/** No schema has an id that is no positive int. */
export function idOf(text: string): number {
  const id = /^\d{1,10}$/.test(text) ? Number(text) : 0;
  if (id < 1 || id > MOST_NUMBER) throw refused.schemaNotFound();
  return id;
}

export function isSet(flag: string | undefined): boolean {
  return flag?.toLowerCase() === 'true';
}

/** A list, from `offset` on and at most `limit` long. */
export function pageOf<Item>(items: readonly Item[], query: { offset?: string; limit?: string }): Item[] {
  const offset = Number.parseInt(query.offset ?? '', 10);
  const limit = Number.parseInt(query.limit ?? '', 10);
  const rest = items.slice(Math.max(offset, 0));
  return limit >= 0 ? rest.slice(0, limit) : rest;
}

/** Fields that are not known are passed over, as Confluent's registry does. */
export function bodyOf(body: unknown): Json {
  if (typeof body === 'object' && body !== null && !Array.isArray(body)) return body as Json;
  throw refused.badRequest('The body is not a JSON object.');
}

export function proposalOf(body: unknown, normalize: boolean): SchemaProposal {
  const { schema, schemaType = null, references, id, version, ...rest } = bodyOf(body);
  if (schemaType !== null && schemaType !== 'AVRO') {
    const asked = typeof schemaType === 'string' ? schemaType.slice(0, 40) : 'of that type';
    throw refused.unprocessable(`Schemas are Avro here, and not ${asked}.`);
  }
  for (const more of ['metadata', 'ruleSet']) {
    if (rest[more] != null) throw refused.unprocessable(`A schema's ${more} is not kept here: leave it out.`);
  }
  if (typeof schema !== 'string' || schema.trim() === '') throw refused.invalidSchema('it is empty');
  return {
    schema,
    references: referencesOf(references ?? []),
    normalize,
    ...numberOf('id', id),
    ...numberOf('version', version),
  };
}

/** Absent, null, 0 and -1 are all "none": clients differ. */
function numberOf(name: 'id' | 'version', value: unknown): { id?: number; version?: number } {
  if (value == null || value === 0 || value === -1) return {};
  if (isNumber(value)) return { [name]: value };
  throw refused.unprocessable(`The ${name} is not a whole number from 1 to 2^31-1.`);
}

function referencesOf(value: unknown): SchemaReference[] {
  if (!Array.isArray(value)) throw refused.invalidSchema('its references are no list');
  return value.map((reference) => {
    const { name, subject, version } = (reference ?? {}) as Json;
    if (typeof name !== 'string' || !isKept(name) || typeof subject !== 'string' || !isNumber(version)) {
      throw refused.invalidSchema('a reference is not a name, a subject and a version');
    }
    return { name, subject: subjectOf(subject), version };
  });
}

function isNumber(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 1 && (value as number) <= MOST_NUMBER;
}

/** Text that Postgres keeps, and that can stand in a log. */
function isKept(text: string): boolean {
  return text.isWellFormed() && !/\p{Cc}/u.test(text);
}
