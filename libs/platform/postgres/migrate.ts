import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type pg from 'pg';
import { newClient } from './client.js';
import { packageRoot } from './package-root.js';

/** A folder of numbered .sql files that are run in one schema, each once, in the order of their names. */
export interface MigrationSet {
  /** The schema; it is first in the search path, so that a set can be run for several services. */
  schema: string;
  /** Relative to the package's root. */
  folder: string;
}

const OLDEST_POSTGRES = 150_000;

/**
 * Brings a database to the state that the program expects: roles, schemas and the migration sets, under one lock, so
 * that any number of processes may start at once. Throws when a file that ran before has changed since.
 */
export async function migrate(url: string, services: readonly string[], sets: readonly MigrationSet[]): Promise<void> {
  const client = newClient({ connectionString: url, application_name: 'heddle migrate' });
  await client.connect();
  try {
    await requireVersion(client);
    await client.query('select pg_advisory_lock(4851, 0)');
    await makeRolesAndSchemas(client, services);
    for (const set of sets) await runSet(client, set);
  } finally {
    await client.end();
  }
}

async function makeRolesAndSchemas(client: pg.Client, services: readonly string[]): Promise<void> {
  try {
    await client.query(ROLES_AND_SCHEMAS(services));
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    // 42501 insufficient_privilege
    if (code !== '42501') throw error;
    const { rows } = await client.query<{ name: string }>('select current_user as name');
    throw new Error(
      `DATABASE_URL: the user "${rows[0]!.name}" lacks a right (${message}): let it own the database and make roles \
(ALTER ROLE … CREATEROLE), and use the same user for every Heddle of this cluster, whose roles they share.`,
      { cause: error },
    );
  }
}

async function requireVersion(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ server_version_num: string }>('show server_version_num');
  const version = Number(rows[0]!.server_version_num);
  if (version < OLDEST_POSTGRES) {
    throw new Error(`Heddle needs Postgres 15 or newer; DATABASE_URL leads to ${Math.floor(version / 10_000)}.`);
  }
}

async function runSet(client: pg.Client, { schema, folder }: MigrationSet): Promise<void> {
  const directory = join(packageRoot, folder);
  const files = (await readdir(directory)).filter((file) => file.endsWith('.sql')).sort();
  for (const file of files) {
    const sql = await readFile(join(directory, file), 'utf8');
    const name = `${schema}:${folder}/${file}`;
    const checksum = createHash('sha256').update(sql).digest('hex');
    const { rows } = await client.query<{ checksum: string }>(
      'select checksum from heddle.migrations where name = $1',
      [name],
    );
    if (rows[0] !== undefined) {
      if (rows[0].checksum !== checksum) throw new Error(`The migration ${name} has changed since it was run.`);
      continue;
    }
    await client.query('begin');
    await client.query(`set local search_path = ${schema}, heddle, public`);
    await client.query(sql);
    await client.query('insert into heddle.migrations (name, checksum) values ($1, $2)', [name, checksum]);
    await client.query('commit');
  }
}

/** Roles belong to the cluster, so another database of it may have made them already, or be making them now. */
const ROLES_AND_SCHEMAS = (services: readonly string[]) => `
do $$
declare
  wanted text;
begin
  foreach wanted in array array['heddle_log_writer', 'heddle_log_reader', 'heddle_registry', 'heddle_relay'${services
    .map((service) => `, 'heddle_${service}', 'heddle_${service}_reader'`)
    .join('')}] loop
    begin
      if not exists (select from pg_roles where rolname = wanted) then
        execute format('create role %I nologin', wanted);
      end if;
    exception when duplicate_object or unique_violation then null;
    end;
    -- From Postgres 16 on, whoever makes a role may grant it, and no more, unless it is granted to them.
    if current_setting('server_version_num')::integer < 160000 then
      if not pg_has_role(current_user, wanted, 'member') then
        execute format('grant %I to current_user', wanted);
      end if;
    elsif not (pg_has_role(current_user, wanted, 'set') and pg_has_role(current_user, wanted, 'usage')) then
      execute format('grant %I to current_user with set true, inherit true', wanted);
    end if;
  end loop;
end
$$;
${services
  .map(
    (service) => `
do $$
begin
  if not pg_has_role('heddle_${service}', 'heddle_log_writer', 'member') then
    grant heddle_log_writer to heddle_${service};
  end if;
  if not pg_has_role('heddle_${service}_reader', 'heddle_log_reader', 'member') then
    grant heddle_log_reader to heddle_${service}_reader;
  end if;
exception when unique_violation or internal_error then null;
end
$$;
create schema if not exists ${service};
revoke all on schema ${service} from public;
grant usage, create on schema ${service} to heddle_${service};
grant usage on schema ${service} to heddle_${service}_reader;
alter default privileges in schema ${service} grant select, insert, update, delete, truncate on tables to heddle_${service};
`,
  )
  .join('')}
create schema if not exists log;
create schema if not exists keys;
create schema if not exists registry;
create schema if not exists heddle;
create table if not exists heddle.migrations (
  name text primary key,
  checksum text not null,
  applied_at timestamptz not null default now()
);

-- Gives a read model its isolation: its service writes every workspace's rows, requests see one workspace's.
create or replace function heddle.isolate(service text, model text) returns void language plpgsql as $$
begin
  execute format('alter table %I.%I enable row level security, force row level security', service, model);
  execute format('create policy service on %I.%I to %I using (true) with check (true)', service, model, 'heddle_' || service);
  execute format('create policy workspace on %I.%I for select to %I using (workspace = current_setting(''heddle.workspace'', true)::uuid)',
    service, model, 'heddle_' || service || '_reader');
  execute format('grant select on %I.%I to %I', service, model, 'heddle_' || service || '_reader');
end
$$;
grant usage on schema heddle to public;
`;
