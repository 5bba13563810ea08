create table views (
  id uuid primary key,
  workspace uuid not null,
  name text not null,
  -- The user whose view it is; null: all share it.
  owner uuid,
  -- JSON; null: all conversations.
  filter text,
  sort text not null,
  direction text not null,
  archived boolean not null default false,
  created_at timestamptz not null,
  updated_at timestamptz not null
);
create index on views (workspace, id);
create index on views (workspace, owner, id);

select heddle.isolate('conversation', 'views');
