create table event_type_versions (
  event_type uuid not null,
  version integer not null,
  workspace uuid not null,
  -- JSON, byte for byte.
  schema text not null,
  schema_digest text not null,
  created_at timestamptz not null,
  primary key (event_type, version)
);

select heddle.isolate('ingest', 'event_type_versions');
