-- The events of all topics in the store's order, for whoever reads the log in that order while it is kept on Kafka.
-- Run in the schema feed, beside the cursors and the dead letters that every projection has.

create table events (
  position bigint primary key,
  -- Where an event could not be read these are null: readers pass over it, and it is among the dead letters.
  workspace uuid,
  stream uuid,
  seq integer,
  type text,
  recorded_at timestamptz,
  schema_fingerprint bytea,
  payload bytea,
  unique (stream, seq)
) with (fillfactor = 100);

-- Partitions come at their own pace: what is readable ends before the first position that is not there yet.
create table readable (
  only_row boolean primary key default true check (only_row),
  through bigint not null default 0
) with (fillfactor = 50);
insert into readable default values;

-- Moves the end of what is readable over all that has come without a gap; returns it.
create function read_on() returns bigint language plpgsql set search_path from current as $$
declare
  reached bigint;
begin
  update readable set through = coalesce(
    (select run.position
       from (select e.position, row_number() over (order by e.position) as n
               from events e where e.position > readable.through order by e.position limit 20000) run
      where run.position = readable.through + run.n
      order by run.position desc limit 1), through)
  returning through into reached;
  perform pg_notify('heddle_feed', reached::text);
  return reached;
end
$$;

create view log as
  select position, workspace, stream, seq, type, recorded_at, schema_fingerprint, payload
    from events where payload is not null and position <= (select through from readable);
grant select on log to heddle_feed;
