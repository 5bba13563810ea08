create table team_members (
  team uuid not null,
  member uuid not null,
  workspace uuid not null,
  -- user or ai_agent.
  type text not null,
  primary key (team, member)
);
create index on team_members (workspace, member);

select heddle.isolate('conversation', 'team_members');
