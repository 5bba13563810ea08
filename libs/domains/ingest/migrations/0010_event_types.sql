create table event_types (
  id uuid primary key,
  workspace uuid not null,
  type text not null,
  -- json_schema or avro.
  format text not null,
  description text,
  -- The latest version, and its schema's digest: what was made of another schema is not used.
  version integer not null,
  schema_digest text not null,
  archived boolean not null default false,
  created_at timestamptz not null,
  updated_at timestamptz not null
);
create index on event_types (workspace, id);
create unique index on event_types (workspace, type);

select heddle.isolate('ingest', 'event_types');
