import type pg from 'pg';

/** A table that goes into a backup, as the database describes it: a later migration's columns and tables are in it. */
export interface SourceTable {
  schema: keyof typeof SOURCES;
  name: string;
  columns: string[];
  /** The primary key's columns: a table's rows always come in the same order. */
  key: string[];
}

/** The schemas that a backup holds, with the role that sees all of their rows. */
export const SOURCES = { log: 'heddle_log_writer', registry: 'heddle_registry' } as const;

/**
 * Every table of the log and of the registry, in an order in which they can be loaded. Read models are left out: they
 * follow from the log.
 */
export async function sourceTables(client: pg.Client): Promise<SourceTable[]> {
  const { rows } = await client.query<SourceTable>(`
    select n.nspname as schema, c.relname as name,
           array(select a.attname::text from pg_attribute a
                  where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
                  order by a.attnum) as columns,
           array(select a.attname::text from pg_index i
                   cross join unnest(i.indkey::smallint[]) with ordinality k(attnum, place)
                   join pg_attribute a on a.attrelid = c.oid and a.attnum = k.attnum
                  where i.indrelid = c.oid and i.indisprimary
                  order by k.place) as key
      from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where c.relkind = 'r' and n.nspname in ('log', 'registry')
     order by n.nspname, c.relname`);
  return rows;
}

export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** The rows in the order of the key, as the text that COPY has read since before Postgres 15 and goes on reading. */
export function copyOut({ schema, name, columns, key }: SourceTable): string {
  const order = key.length === 0 ? '' : ` order by ${key.map(quoted).join(', ')}`;
  const rows = `select ${columns.map(quoted).join(', ')} from ${quoted(schema)}.${quoted(name)}${order}`;
  return `copy (${rows}) to stdout`;
}

/** Makes values look the same whatever the server's own settings are. */
export const SAME_TEXT_EVERYWHERE = `
  set local timezone = 'UTC'; set local datestyle = 'ISO'; set local intervalstyle = 'postgres';
  set local bytea_output = 'hex'; set local extra_float_digits = 1; set local client_encoding = 'UTF8';
  set local statement_timeout = 0; set local idle_in_transaction_session_timeout = 0; set local lock_timeout = '10s'`;
