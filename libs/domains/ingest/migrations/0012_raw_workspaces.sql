-- The workspaces that have a topic of their own.
create table raw_workspaces (
  workspace uuid primary key
);

select heddle.isolate('ingest', 'raw_workspaces');
