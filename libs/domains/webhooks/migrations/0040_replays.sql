-- Replays as their own events leave them.
create table webhook_replays (
  id uuid primary key,
  workspace uuid not null,
  endpoint uuid not null,
  -- Its number among the runs of the endpoint: that of its rows in `fresh` and `waiting`.
  run integer not null,
  from_position bigint not null,
  to_position bigint not null,
  types text[] not null,
  -- JSON; null for no conditions.
  filter text,
  -- all, never_attempted or failed
  selection text not null,
  -- running, finished or cancelled
  status text not null,
  -- Both as it finished; null before.
  due bigint,
  passed_over bigint,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  ended_at timestamptz
);
create index on webhook_replays (workspace, id);
create index on webhook_replays (status, id);
create index on webhook_replays (endpoint, run);

select heddle.isolate('webhooks', 'webhook_replays');
