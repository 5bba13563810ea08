-- The keys that make forgetting possible. They live apart from the log and outside its backups: whoever holds both
-- can read every person, and a key that was destroyed here must not come back with a restored log.
-- A destroyed key leaves its row behind, so that nobody makes that person a new one.

-- One row. Destroying takes its lock and the next number, so numbers become visible in order and without holes, and
-- every process can ask "what was destroyed after the last number that I saw".
create table keys.destructions (
  only_row boolean primary key default true check (only_row),
  latest bigint not null
);
insert into keys.destructions (latest) values (0);

create table keys.workspace_keys (
  workspace uuid primary key,
  key bytea check (octet_length(key) = 32),
  created_at timestamptz not null default now(),
  destroyed_at timestamptz,
  destruction bigint,
  check ((key is null) = (destroyed_at is not null)),
  check ((key is null) = (destruction is not null))
);
create index workspace_keys_by_destruction on keys.workspace_keys (destruction) where destruction is not null;

create table keys.data_keys (
  id uuid primary key,
  workspace uuid not null,
  subject text not null,
  -- Nonce (12 bytes), AES-256-GCM of the 32-byte key under the workspace's, tag (16 bytes).
  wrapped bytea check (octet_length(wrapped) = 60),
  created_at timestamptz not null default now(),
  destroyed_at timestamptz,
  destruction bigint,
  constraint data_keys_one_per_subject unique (workspace, subject),
  check ((wrapped is null) = (destroyed_at is not null)),
  check ((wrapped is null) = (destruction is not null))
);
create index data_keys_by_destruction on keys.data_keys (destruction) where destruction is not null;
