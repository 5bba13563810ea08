create table labels (
  id uuid primary key,
  workspace uuid not null,
  name text not null,
  color text not null,
  description text,
  archived boolean not null default false,
  created_at timestamptz not null,
  updated_at timestamptz not null
);
create index on labels (workspace, id);

select heddle.isolate('conversation', 'labels');
