create table raw_dead_letters (
  id uuid primary key,
  workspace uuid not null,
  topic text not null,
  partition integer not null,
  record_offset bigint not null,
  -- When the broker took it: a topic that is made anew begins with the same offsets.
  written_at timestamptz not null,
  code text not null,
  -- The record and why it was refused, as JSON under a key of the workspace's.
  sealed bytea not null,
  bytes integer not null,
  -- waiting or settled.
  state text not null default 'waiting',
  -- What it became.
  event uuid,
  tries integer not null default 1,
  received_at timestamptz not null,
  tried_at timestamptz not null,
  unique (workspace, topic, partition, record_offset, written_at)
);
create index on raw_dead_letters (workspace, id);
create index on raw_dead_letters (workspace, id) where state = 'waiting';
create index on raw_dead_letters (received_at);
alter table raw_dead_letters alter column sealed set statistics 0;

select heddle.isolate('ingest', 'raw_dead_letters');
