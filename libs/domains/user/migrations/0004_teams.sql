create table teams (
  id uuid primary key,
  workspace uuid not null,
  external_id text not null,
  name text not null,
  created_at timestamptz not null,
  updated_at timestamptz not null
);
create index on teams (workspace, id);
create index on teams (workspace, external_id);

select heddle.isolate('conversation', 'teams');
