-- A parked message that somebody skipped, for its lane to go on: it is given up, and becomes a dead letter that says so.
alter table waiting add column skipped boolean not null default false;

-- Dead letters that are about to be sent again by a run, until all their events are on the log and their rows in `fresh`: whoever
-- finds a row here does the rest of it.
create table redrives (
  endpoint uuid not null,
  run integer not null,
  workspace uuid not null,
  letters uuid[] not null,
  -- Who asked for it, as its events say, in JSON.
  actor text not null,
  asked_at timestamptz not null default clock_timestamp(),
  primary key (endpoint, run)
);
create index on redrives (asked_at);

select heddle.isolate('webhooks', 'redrives');
