-- What users and AI agents are there for.
create table skills (
  owner uuid not null,
  skill text not null,
  workspace uuid not null,
  primary key (owner, skill)
);
create index on skills (workspace, skill, owner);

select heddle.isolate('conversation', 'skills');
