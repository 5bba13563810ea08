import { idToBytes, toId } from '../../../platform/kernel/id.js';
import { Problem } from '../../../platform/kernel/problem.js';
import { ListCursor } from '../../../platform/reads/list-cursor.js';
import { cutToPage, type PageQuery, rowsOfPage, toPage } from '../../../platform/reads/page.js';
import type { ReadPool } from '../../../platform/reads/read-pool.js';
import type { Resource } from '../../../platform/reads/resource-reads.js';
import type { SchemaFormat } from './event-type-schema.js';

export const EVENT_TYPES: Resource = {
  service: 'ingest',
  table: 'event_types',
  prefix: 'ety',
  noun: 'event type',
  columns: ['type', 'format', 'description', 'version', 'archived', 'created_at', 'updated_at'],
};

export interface EventTypeRow {
  id: string;
  type: string;
  format: SchemaFormat;
  version: number;
  schema: string;
  stream_version: number;
}

/** A type by its name, with the latest schema and its stream's version; null where there is none. */
export async function eventTypeNamedIn(reads: ReadPool, workspace: string, type: string): Promise<EventTypeRow | null> {
  const { rows } = await reads.query<EventTypeRow>(workspace, {
    name: 'one of event_types by type',
    text: `select r.id, ${EVENT_TYPES.columns.map((name) => `r.${name}`).join(', ')}, v.schema,
                  s.version as stream_version
             from ingest.event_types r
             join ingest.event_type_versions v on v.event_type = r.id and v.version = r.version
             join log.streams s on s.stream = r.id
            where r.workspace = $1 and r.type = $2`,
    values: [idToBytes(workspace), type],
  });
  const row = rows[0];
  return row === undefined ? null : { ...row, id: toId('ety', row.id) };
}

/** How many other types a workspace has, archived ones too, and how long their latest schemas are in all. */
export async function otherTypesIn(
  reads: ReadPool,
  workspace: string,
  type: string,
): Promise<{ count: number; bytes: number }> {
  const { rows } = await reads.query<{ count: number; bytes: number }>(workspace, {
    name: 'count of event_types',
    text: `select count(*)::integer as count, coalesce(sum(octet_length(v.schema)), 0)::integer as bytes
             from ingest.event_types r
             join ingest.event_type_versions v on v.event_type = r.id and v.version = r.version
            where r.workspace = $1 and r.type <> $2`,
    values: [idToBytes(workspace), type],
  });
  return rows[0]!;
}

export function noSuchType(type: string): Problem {
  return new Problem('not_found', `There is no event type ${type} in this workspace.`);
}

interface VersionRow {
  version: number;
  schema: string;
  created_at: Date;
  bytes: number;
}

/** A page of a type's versions, the latest first. Throws `not_found`. */
export async function versionsOf(
  reads: ReadPool,
  workspace: string,
  type: string,
  { limit, cursor }: PageQuery,
): Promise<object> {
  const found = await eventTypeNamedIn(reads, workspace, type);
  if (found === null) throw noSuchType(type);
  const list = new ListCursor('event_type_versions', workspace, { type });
  const before = list.decodeNumber(cursor) ?? 2_147_483_647;
  const statement = `select version, schema, created_at, octet_length(schema) as bytes
                       from ingest.event_type_versions where event_type = $1 and version < $2
                      order by version desc limit $3`;
  const { rows } = await reads.query<VersionRow>(workspace, {
    text: cutToPage(statement, 'bytes', 'version desc'),
    values: [idToBytes(found.id), before, limit + 1],
  });
  const most = rowsOfPage(rows, limit, ({ bytes }) => bytes);
  const shown = ({ version, schema, created_at }: VersionRow) => ({ version, schema: JSON.parse(schema), created_at });
  return toPage(rows, most, shown, (last) => list.encodeNumber(last.version));
}
