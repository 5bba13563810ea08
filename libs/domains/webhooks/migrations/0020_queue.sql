-- What endpoints are yet to have (docs/decisions/0039). Rows hold no body: that is in `bodies`, once for all endpoints.

-- Never attempted. `run` is 0 for what happens now, else the number of the endpoint's replay.
create table fresh (
  endpoint uuid not null,
  run integer not null,
  position bigint not null,
  workspace uuid not null,
  stream uuid not null,
  -- The version that its body is pinned to; empty for the newest that there was.
  pin text not null,
  primary key (endpoint, run, position)
);

-- Attempted, and to be attempted again; or behind one of its lane, or for somebody to decide.
create table waiting (
  endpoint uuid not null,
  run integer not null,
  position bigint not null,
  workspace uuid not null,
  stream uuid not null,
  pin text not null,
  attempts integer not null,
  -- retry, behind, parked or given_up; and `told` where an event has said that it is parked.
  state text not null,
  told boolean not null default false,
  due_at timestamptz not null,
  since timestamptz not null default clock_timestamp(),
  primary key (endpoint, run, position)
);
create index waiting_retries on waiting (endpoint, due_at) where state = 'retry';
create index waiting_lanes on waiting (endpoint, run, stream, position);
create index waiting_to_tell on waiting (endpoint) where state in ('parked', 'given_up') and not told;

-- The bytes that are sent of an event, for each version that they are pinned to.
create table bodies (
  position bigint not null,
  pin text not null,
  workspace uuid not null,
  -- How many keys, their ids, the bytes sealed with them.
  body bytea not null,
  kept_at timestamptz not null default clock_timestamp(),
  primary key (position, pin)
);
alter table bodies alter column body set storage external;
alter table bodies alter column body set statistics 0;

-- Every attempt that was made, for as long as they are kept.
create table attempts (
  endpoint uuid not null,
  id uuid not null,
  workspace uuid not null,
  run integer not null,
  position bigint not null,
  event uuid not null,
  type text not null,
  stream uuid not null,
  -- From 1.
  number integer not null,
  duration_ms integer not null,
  -- Null where none came.
  status integer,
  -- Why it failed, where it did.
  error text,
  taken boolean not null,
  -- What of the answer was kept: headers and the beginning of the body, as JSON, kept as bodies are.
  answer bytea,
  primary key (endpoint, id)
);
create index on attempts (event);
alter table attempts alter column answer set statistics 0;

-- Which process delivers to the endpoints of a shard. The token grows with each change of hands, and whoever writes shows it.
create table shards (
  shard smallint primary key,
  owner bigint,
  token bigint not null default 0
);
insert into shards (shard) select generate_series(0, 63);

-- When each process that delivers last said that it lives: another value each time.
create table owners (
  owner bigint primary key,
  renewed_at timestamptz not null
);

-- Endpoints as they were at the position up to which events were put among what is due.
create table routes (
  endpoint uuid primary key,
  workspace uuid not null,
  -- The folded state, as JSON.
  state text not null,
  -- Of the event that changed it last.
  position bigint not null
);
create index on routes (position);

-- Nothing up to this position is put among what is due: it was before webhooks were there, or before a restore.
create table adopted (
  one boolean primary key default true check (one),
  position bigint not null
);
insert into adopted (position) select coalesce(max(position), 0) from log.events;

select heddle.isolate('webhooks', 'fresh');
select heddle.isolate('webhooks', 'waiting');
select heddle.isolate('webhooks', 'bodies');
select heddle.isolate('webhooks', 'attempts');
select heddle.isolate('webhooks', 'routes');

-- Fails with HD001 where one of these shards is no longer the caller's, and keeps them from changing hands until its transaction ends.
create function hold(held smallint[], tokens bigint[]) returns void
language plpgsql as $$
declare kept integer;
begin
  select count(*) into kept
    from (select from webhooks.shards s
            join unnest(held, tokens) h(shard, token) on h.shard = s.shard and h.token = s.token
             for share of s) k;
  if kept < cardinality(held) then
    raise exception 'a shard has changed hands' using errcode = 'HD001';
  end if;
end $$;
