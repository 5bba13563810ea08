create table users (
  id uuid primary key,
  workspace uuid not null,
  external_id text not null,
  name text not null,
  email text,
  created_at timestamptz not null,
  updated_at timestamptz not null
);
create index on users (workspace, id);
create index on users (workspace, external_id);

select heddle.isolate('conversation', 'users');
