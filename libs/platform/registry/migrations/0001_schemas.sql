-- The schemas of events, by the ids that stand before every message on Kafka. An id that was given is never given to
-- another schema, so rows of schemas are only ever added.

-- One row. Whatever writes to the registry holds its lock, so ids grow by one, and what a writer read holds until it
-- commits.
create table registry.numbers (
  only_row boolean primary key default true check (only_row),
  latest_id integer not null
);
insert into registry.numbers (latest_id) values (0);

create table registry.schemas (
  id integer primary key check (id > 0),
  -- SHA-256 of what makes two schemas the same one: see schema-form.ts.
  identity bytea not null unique check (octet_length(identity) = 32),
  schema text not null,
  -- [{"name", "subject", "version"}], in the order in which they were sent.
  refs jsonb not null default '[]',
  created_at timestamptz not null default now()
);
create index schemas_by_reference on registry.schemas using gin (refs jsonb_path_ops);

create table registry.versions (
  subject text not null,
  version integer not null check (version > 0),
  schema_id integer not null references registry.schemas (id),
  deleted boolean not null default false,
  primary key (subject, version)
);
create index versions_by_schema on registry.versions (schema_id);

-- The subject '' stands for all that have no setting of their own.
create table registry.settings (
  subject text primary key,
  compatibility text,
  mode text
);

grant usage on schema registry to heddle_registry;
grant select, update on registry.numbers to heddle_registry;
grant select, insert on registry.schemas to heddle_registry;
grant select, insert, update, delete on registry.versions, registry.settings to heddle_registry;
