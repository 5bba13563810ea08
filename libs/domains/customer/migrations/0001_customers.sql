create table customers (
  id uuid primary key,
  workspace uuid not null,
  external_id text not null,
  name text not null,
  created_at timestamptz not null,
  updated_at timestamptz not null
);
create index on customers (workspace, id);
create index on customers (workspace, external_id);

select heddle.isolate('conversation', 'customers');
