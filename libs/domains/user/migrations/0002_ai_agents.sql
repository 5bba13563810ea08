create table ai_agents (
  id uuid primary key,
  workspace uuid not null,
  external_id text not null,
  name text not null,
  created_at timestamptz not null,
  updated_at timestamptz not null
);
create index on ai_agents (workspace, id);
create index on ai_agents (workspace, external_id);

select heddle.isolate('conversation', 'ai_agents');
