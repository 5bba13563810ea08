create table workspaces (
  id uuid primary key,
  workspace uuid not null,
  name text not null,
  external_id text,
  created_at timestamptz not null,
  updated_at timestamptz not null
);
create index on workspaces (external_id) where external_id is not null;

select heddle.isolate('access', 'workspaces');
