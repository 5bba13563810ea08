-- As for users in 0006.
alter table ai_agents
  add column status text not null default 'offline',
  add column capacity integer;
create index on ai_agents (workspace, status, id);
