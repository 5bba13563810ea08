-- Changes of many conversations.
create table jobs (
  id uuid primary key,
  workspace uuid not null,
  kind text not null,
  -- JSON: what is done to each.
  body text not null,
  -- Who asked for it: each change is made in their name.
  actor_type text not null,
  actor text not null,
  status text not null,
  total integer not null,
  done integer not null,
  failed integer not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  ended_at timestamptz
);
create index on jobs (workspace, id);
create index on jobs (id) where status = 'running';

select heddle.isolate('conversation', 'jobs');

create table job_rows (
  job uuid not null,
  n integer not null,
  workspace uuid not null,
  conversation uuid not null,
  -- Null: not yet. Empty: it was changed. Else the code of the problem that it met.
  outcome text,
  primary key (job, n)
);

select heddle.isolate('conversation', 'job_rows');
