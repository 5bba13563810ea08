import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type pg from 'pg';
import { packageRoot } from '../postgres/package-root.js';
import type { Projection, TableName } from './projection.js';

/**
 * The tables beside the live ones that a rebuild or a verification fills: in a schema of their own, under the same
 * names, so that their indexes get the same names too. What a crash leaves behind is that schema.
 */
export class ShadowTables {
  private readonly schema: string;

  constructor(
    private readonly projection: Projection,
    private readonly client: pg.Client,
  ) {
    this.schema = `${projection.service}_rebuild_${projection.name}`;
  }

  get table(): TableName {
    return (name) => `${this.schema}.${name}`;
  }

  /** Makes them, with the indexes, options, policies and grants of the live ones. Live ones that are gone are made. */
  async create(): Promise<void> {
    await this.drop();
    await this.defineIfGone();
    await this.client.query(`create schema ${this.schema}`);
    for (const name of this.projection.tables) await this.copyDefinition(name);
  }

  async drop(): Promise<void> {
    await this.client.query(`set client_min_messages = warning; drop schema if exists ${this.schema} cascade`);
  }

  async analyze(): Promise<void> {
    for (const name of this.projection.tables) await this.client.query(`analyze ${this.table(name)}`);
  }

  async rows(): Promise<number> {
    let rows = 0;
    for (const name of this.projection.tables) {
      const counted = await this.client.query<{ rows: number }>(`select count(*) as rows from ${this.table(name)}`);
      rows += Number(counted.rows[0]!.rows);
    }
    return rows;
  }

  /** Puts them in the live ones' place, in the caller's transaction. Waits for readers as long as `lock_timeout`. */
  async swap(): Promise<void> {
    const { service, tables } = this.projection;
    await this.client.query(
      `lock table ${tables.map((name) => `${service}.${name}`).join(', ')} in access exclusive mode`,
    );
    for (const name of tables) {
      const names = await this.indexNames(name);
      await this.client.query(`drop table ${service}.${name}`);
      await this.client.query(`alter table ${this.table(name)} set schema ${service}`);
      for (const { made, wanted } of names) {
        if (made !== wanted) await this.client.query(`alter index ${service}."${made}" rename to "${wanted}"`);
      }
    }
  }

  private async defineIfGone(): Promise<void> {
    const { service, tables, definition } = this.projection;
    const { rows } = await this.client.query<{ name: string }>(
      `select t.name from unnest($1::text[]) t(name) where to_regclass($2 || '.' || t.name) is not null`,
      [tables, service],
    );
    if (rows.length === tables.length) return;
    await this.client.query('begin');
    for (const { name } of rows) await this.client.query(`drop table ${service}.${name}`);
    await this.client.query(`set local search_path = ${service}, heddle, public`);
    for (const file of definition) await this.client.query(await readFile(join(packageRoot, file), 'utf8'));
    await this.client.query('commit');
  }

  private async copyDefinition(name: string): Promise<void> {
    const live = `${this.projection.service}.${name}`;
    const shadow = this.table(name);
    await this.refuseWhatIsNotCopied(live);
    await this.client.query(`create table ${shadow} (like ${live} including all)`);
    const { rows } = await this.client.query<{ statement: string }>(
      `select format('alter table %s set (%s)', $2::text, array_to_string(c.reloptions, ', ')) as statement
         from pg_class c where c.oid = $1::regclass and c.reloptions is not null
       union all
       select format('alter table %s enable row level security', $2::text) from pg_class c
        where c.oid = $1::regclass and c.relrowsecurity
       union all
       select format('alter table %s force row level security', $2::text) from pg_class c
        where c.oid = $1::regclass and c.relforcerowsecurity
       union all
       select format('create policy %I on %s as %s for %s to %s', p.policyname, $2::text, p.permissive, p.cmd,
                     (select string_agg(quote_ident(r), ', ') from unnest(p.roles) r))
              || coalesce(' using (' || p.qual || ')', '') || coalesce(' with check (' || p.with_check || ')', '')
         from pg_policies p where p.schemaname = $3 and p.tablename = $4
       union all
       select format('grant %s on %s to %s', a.privilege_type, $2::text,
                     case a.grantee when 0 then 'public' else quote_ident(pg_get_userbyid(a.grantee)) end)
         from pg_class c, aclexplode(c.relacl) a where c.oid = $1::regclass and a.grantee <> c.relowner
       union all
       select format('alter table %s alter column %I set statistics %s', $2::text, a.attname, a.attstattarget)
         from pg_attribute a
        where a.attrelid = $1::regclass and a.attnum > 0 and not a.attisdropped and a.attstattarget >= 0`,
      [live, shadow, this.projection.service, name],
    );
    for (const { statement } of rows) await this.client.query(statement);
  }

  private async refuseWhatIsNotCopied(live: string): Promise<void> {
    const { rows } = await this.client.query<{ name: string }>(
      `select 'trigger ' || tgname as name from pg_trigger where tgrelid = $1::regclass and not tgisinternal
       union all
       select 'foreign key ' || conname from pg_constraint where $1::regclass in (conrelid, confrelid) and contype = 'f'`,
      [live],
    );
    if (rows[0] !== undefined) throw new Error(`${live} has a ${rows[0].name}, which a rebuild would lose.`);
  }

  /** Each index of a shadow table, and what the index with the same definition is called on the live one. */
  private async indexNames(name: string): Promise<{ made: string; wanted: string }[]> {
    const { rows } = await this.client.query<{ made: string; wanted: string }>(
      `with of_both as (
         select i.indrelid = $1::regclass as live, c.relname,
                row_number() over (partition by i.indrelid, d.definition order by c.relname) as n, d.definition
           from pg_index i join pg_class c on c.oid = i.indexrelid,
                lateral (select i.indisunique || regexp_replace(pg_get_indexdef(i.indexrelid), '^.*? USING ', '')) d(definition)
          where i.indrelid in ($1::regclass, $2::regclass))
       select s.relname as made, l.relname as wanted
         from of_both s join of_both l on l.definition = s.definition and l.n = s.n and l.live and not s.live`,
      [`${this.projection.service}.${name}`, this.table(name)],
    );
    return rows;
  }
}
