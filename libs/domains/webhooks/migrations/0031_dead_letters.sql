-- Messages that endpoints did not take, from their own events. Those of an endpoint that is deleted are shown no more; they stay, as
-- its own row does, for they follow from the log.
create table webhook_dead_letters (
  -- Begins with the event's position: ids are in the order of the log.
  id uuid primary key,
  workspace uuid not null,
  endpoint uuid not null,
  event uuid not null,
  event_type text not null,
  event_stream text not null,
  event_position bigint not null,
  -- 0 for what happened then; else the replay or redrive that it was sent by.
  run integer not null,
  -- The version that its body was pinned to; empty for the newest that there was.
  pin text not null,
  attempts integer not null,
  -- Of the last attempt: null where no answer came.
  status integer,
  cause text not null,
  -- Somebody skipped it, for others to go on.
  skipped boolean not null,
  dead_lettered_at timestamptz not null,
  -- The run that it is sent again by; null where it waits for somebody.
  redriven_run integer,
  redriven_at timestamptz
);
create index on webhook_dead_letters (endpoint, id);
create index on webhook_dead_letters (endpoint, id) where redriven_run is null;
create index on webhook_dead_letters (endpoint, redriven_run) where redriven_run is not null;
create index on webhook_dead_letters (endpoint, run) where run > 0;
create index on webhook_dead_letters (endpoint, event_type, id);
create index on webhook_dead_letters (endpoint, event_stream, id);

select heddle.isolate('webhooks', 'webhook_dead_letters');
