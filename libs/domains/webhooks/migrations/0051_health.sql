-- Endpoints that have taken nothing since a failure. A row is written where that begins, and in each new hour of it.
create table health (
  endpoint uuid primary key,
  workspace uuid not null,
  failing_since timestamptz not null,
  -- Different hours since then in which it failed, and the last of them, as hours since 1970.
  hours integer not null,
  last_hour integer not null
);
select heddle.isolate('webhooks', 'health');
