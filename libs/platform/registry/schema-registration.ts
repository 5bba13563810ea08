import type { AvroSchema } from './avro-schema.js';
import { refused } from './registry-error.js';
import { idOf, levelOf, type Mode, modeOf, type Query, versionsOf } from './registry-tables.js';
import type { SchemaCompiler } from './schema-compiler.js';
import type { SchemaProposal } from './schema-proposal.js';

/** Adds a schema as the subject's next version and returns its id. Alone in the registry, in one transaction. */
export async function registerSchema(
  query: Query,
  compiler: SchemaCompiler,
  subject: string,
  proposal: SchemaProposal,
): Promise<number> {
  const compiled = await compiler.compile(query, proposal);
  const versions = await versionsOf(query, subject, true);
  const live = versions.filter(({ deleted }) => !deleted);
  const known = await idOf(query, compiled);
  const same = live.find(({ id }) => id === known);
  if (same !== undefined && (proposal.id ?? known) === known) return same.id;
  const mode = await modeOf(query, subject);
  mustTake(subject, mode, proposal);
  if (mode !== 'IMPORT') {
    const level = await levelOf(query, subject);
    const messages = await compiler.breachesOf(query, level, compiled, live);
    if (messages.length > 0) throw refused.incompatible(subject, messages);
  }
  const id = await keep(query, compiled, known, proposal);
  const version = proposal.version ?? (versions.at(-1)?.version ?? 0) + 1;
  if (versions.some((one) => one.version === version)) {
    throw refused.notPermitted(`Overwriting version ${version} of subject ${subject} is not permitted`);
  }
  await query({
    text: 'insert into registry.versions (subject, version, schema_id) values ($1, $2, $3)',
    values: [subject, version, id],
  });
  return id;
}

/** Ids come from elsewhere in the mode IMPORT, and only there. */
function mustTake(subject: string, mode: Mode, { id, version }: SchemaProposal): void {
  if (mode === 'READONLY') throw refused.notPermitted(`Subject ${subject} is in read-only mode`);
  const isImported = id !== undefined;
  if (mode === 'IMPORT' && !isImported) {
    throw refused.notPermitted(`Subject ${subject} is in import mode: send the schema's id`);
  }
  if (mode !== 'IMPORT' && (isImported || version !== undefined)) {
    throw refused.notPermitted(`Subject ${subject} is not in import mode`);
  }
}

/** Returns its id: the one that it has, the one that is imported, or the next. */
async function keep(query: Query, { text, identity }: AvroSchema, known: number | null, proposal: SchemaProposal) {
  const { id: imported, references } = proposal;
  if (known !== null) {
    if (imported === undefined || imported === known) return known;
    throw refused.notPermitted(`The schema has the id ${known} already`);
  }
  if (imported !== undefined) {
    const { rows } = await query({ text: 'select from registry.schemas where id = $1', values: [imported] });
    if (rows.length > 0) {
      throw refused.notPermitted(`Overwrite new schema with id ${imported} is not permitted.`);
    }
  }
  const { rows } = await query({
    text: `update registry.numbers set latest_id = greatest(latest_id, coalesce($1, latest_id + 1))
      returning coalesce($1, latest_id) as id`,
    values: [imported ?? null],
  });
  const { id } = rows[0]!;
  await query({
    text: 'insert into registry.schemas (id, identity, schema, refs) values ($1, $2, $3, $4)',
    values: [id, identity, text, JSON.stringify(references)],
  });
  return id as number;
}
