create table status_details (
  id uuid primary key,
  workspace uuid not null,
  status text not null,
  name text not null,
  archived boolean not null default false,
  created_at timestamptz not null,
  updated_at timestamptz not null
);
create index on status_details (workspace, id);

select heddle.isolate('conversation', 'status_details');
