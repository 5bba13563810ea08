import type { QueryResult } from 'pg';
import type { SqlStatement } from '../postgres/connection.js';
import type { AvroSchema, SchemaReference } from './avro-schema.js';
import { type CompatibilityLevel, compatibilityLevelOf } from './compatibility.js';
import { refused } from './registry-error.js';

/** READONLY refuses every change of a subject; IMPORT takes schemas with the ids and versions of another registry. */
export type Mode = 'READWRITE' | 'READONLY' | 'IMPORT';

/** A version as it is kept. */
export interface SchemaVersion {
  subject: string;
  version: number;
  id: number;
  schema: string;
  references: SchemaReference[];
  deleted: boolean;
}

/** `latest`, or a number from 1 to 2^31 - 1. */
export type VersionId = number | 'latest';

/** One session's, in a transaction or not. */
export type Query = (statement: SqlStatement) => Promise<QueryResult>;

export const DEFAULT_LEVEL: CompatibilityLevel = 'FULL_TRANSITIVE';

/** What stands for all subjects that have no setting of their own. */
export const GLOBAL = '';
const MOST_REFERENCED = 1000;

export const SELECT_VERSIONS = `select subject, version, schema_id as id, schema, refs as "references", deleted
  from registry.versions join registry.schemas on id = schema_id`;

/** By version. */
export async function versionsOf(query: Query, subject: string, deleted: boolean): Promise<SchemaVersion[]> {
  const { rows } = await query({
    text: `${SELECT_VERSIONS} where subject = $1 and ($2 or not deleted) order by version`,
    values: [subject, deleted],
  });
  return rows as SchemaVersion[];
}

export function pick(
  subject: string,
  version: VersionId,
  versions: readonly SchemaVersion[],
  deleted: boolean,
): SchemaVersion {
  const offered = versions.filter((one) => deleted || !one.deleted);
  if (offered.length === 0) throw refused.subjectNotFound(subject);
  const found = version === 'latest' ? offered.at(-1) : offered.find((one) => one.version === version);
  if (found === undefined) throw refused.versionNotFound(version);
  return found;
}

export async function idOf(query: Query, { identity }: AvroSchema): Promise<number | null> {
  const { rows } = await query({ text: 'select id from registry.schemas where identity = $1', values: [identity] });
  return rows[0]?.id ?? null;
}

export async function remove(query: Query, versions: readonly SchemaVersion[], permanent: boolean): Promise<void> {
  const where = 'where subject = $1 and version = any($2)';
  await query({
    text: permanent ? `delete from registry.versions ${where}` : `update registry.versions set deleted = true ${where}`,
    values: [versions[0]!.subject, versions.map(({ version }) => version)],
  });
}

/** The texts of what a schema refers to, and of what those refer to, each after its own. */
export async function textsOf(query: Query, references: readonly SchemaReference[]): Promise<string[]> {
  const texts = new Map<string, string | null>();
  const visit = async (wanted: readonly SchemaReference[]): Promise<void> => {
    for (const { subject, version } of wanted) {
      const place = `${version} of ${subject}`;
      if (texts.has(place)) continue;
      if (texts.size >= MOST_REFERENCED) throw refused.invalidSchema(`it has more than ${MOST_REFERENCED} references`);
      const { rows } = await query({
        text: `${SELECT_VERSIONS} where subject = $1 and version = $2 and not deleted`,
        values: [subject, version],
      });
      if (rows[0] === undefined) throw refused.invalidSchema(`it refers to version ${place}, which is not there`);
      texts.set(place, null);
      await visit(rows[0].references);
      texts.delete(place);
      texts.set(place, rows[0].schema);
    }
  };
  await visit(references);
  // The same schema may be reached as two versions or subjects.
  return [...new Set([...texts.values()].filter((text) => text !== null))];
}

/** The ids of the schemas in use that refer to one of these versions; with `deleted` also those softly deleted. */
export async function referrers(query: Query, versions: readonly SchemaVersion[], deleted = false): Promise<number[]> {
  const wanted = versions.map(({ subject, version }) => JSON.stringify([{ subject, version }]));
  const { rows } = await query({
    text: `select id from registry.schemas where refs @> any($1::jsonb[])
      and exists (select from registry.versions where schema_id = id and ($2 or not deleted)) order by id`,
    values: [wanted, deleted],
  });
  return rows.map(({ id }) => id);
}

export async function mustNotBeReferenced(
  query: Query,
  versions: readonly SchemaVersion[],
  permanent: boolean,
): Promise<void> {
  const ids = await referrers(query, versions, permanent);
  if (ids.length === 0) return;
  const [{ subject, version }] = versions as [SchemaVersion];
  throw refused.referenced(`${subject} version ${version}: ${ids.join(', ')}`);
}

export async function settingsOf(
  query: Query,
  subject: string,
): Promise<{ compatibility?: string; mode?: string } | undefined> {
  const { rows } = await query({
    text: 'select compatibility, mode from registry.settings where subject = $1',
    values: [subject],
  });
  return rows[0];
}

export async function levelOf(query: Query, subject: string): Promise<CompatibilityLevel> {
  const own = (await settingsOf(query, subject))?.compatibility ?? (await settingsOf(query, GLOBAL))?.compatibility;
  return compatibilityLevelOf(own) ?? DEFAULT_LEVEL;
}

export async function modeOf(query: Query, subject: string): Promise<Mode> {
  const own = (await settingsOf(query, subject))?.mode ?? (await settingsOf(query, GLOBAL))?.mode;
  return (own as Mode | undefined) ?? 'READWRITE';
}

export async function mustBeWritable(query: Query, subject: string): Promise<void> {
  if ((await modeOf(query, subject)) !== 'READONLY') return;
  const what = subject === GLOBAL ? 'The registry' : `Subject ${subject}`;
  throw refused.notPermitted(`${what} is in read-only mode`);
}

export async function set(
  query: Query,
  subject: string,
  setting: 'compatibility' | 'mode',
  value: string | null,
): Promise<void> {
  await query({
    text: `insert into registry.settings (subject, ${setting}) values ($1, $2)
      on conflict (subject) do update set ${setting} = excluded.${setting}`,
    values: [subject, value],
  });
}
