import type pg from 'pg';

/** What two tables of the same shape do not have in common. Examples are primary keys, at most ten of each kind. */
export interface TableDifference {
  table: string;
  /** In the log, not in the live table. */
  missing: number;
  /** In the live table, not in the log. */
  extra: number;
  /** The same key with other values. */
  altered: number;
  examples: { missing: string[]; extra: string[]; altered: string[] };
}

/**
 * Compares all columns of all rows, as text: 1.0 and 1.00 are not the same. Null when there is no difference. Throws
 * for a table without a primary key. Runs in the caller's transaction.
 */
export async function differenceOf(
  client: pg.Client,
  table: string,
  live: string,
  rebuilt: string,
): Promise<TableDifference | null> {
  const key = await primaryKey(client, live);
  await client.query('set local enable_seqscan = on; set local enable_hashjoin = on');
  const { rows } = await client.query<{ kind: 'missing' | 'extra' | 'altered'; count: number; keys: string[] }>(
    `select case when l.key is null then 'missing' when r.key is null then 'extra' else 'altered' end as kind,
            count(*) as count, (array_agg(coalesce(l.key, r.key) order by coalesce(l.key, r.key)))[1:10] as keys
       from (select row(${key})::text as key, t::text as columns from ${live} t) l
       full join (select row(${key})::text as key, t::text as columns from ${rebuilt} t) r on r.key = l.key
      where l.columns is distinct from r.columns
      group by 1`,
  );
  if (rows.length === 0) return null;
  const of = (kind: string) => rows.find((row) => row.kind === kind);
  return {
    table,
    missing: Number(of('missing')?.count ?? 0),
    extra: Number(of('extra')?.count ?? 0),
    altered: Number(of('altered')?.count ?? 0),
    examples: {
      missing: of('missing')?.keys ?? [],
      extra: of('extra')?.keys ?? [],
      altered: of('altered')?.keys ?? [],
    },
  };
}

async function primaryKey(client: pg.Client, table: string): Promise<string> {
  const { rows } = await client.query<{ columns: string | null }>(
    `select string_agg(quote_ident(a.attname), ', ' order by a.attnum) as columns
       from pg_index i join pg_attribute a on a.attrelid = i.indrelid and a.attnum = any (i.indkey)
      where i.indrelid = $1::regclass and i.indisprimary`,
    [table],
  );
  if (rows[0]!.columns === null) throw new Error(`${table} has no primary key, so its rows cannot be told apart.`);
  return rows[0]!.columns;
}
