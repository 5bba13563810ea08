-- What a witness heard, event by event, in the order in which it was committed. No read model: a rebuild leaves it.
create table if not exists witnessed (
  nth bigint generated always as identity primary key,
  projection text not null,
  event_id text not null,
  stream text not null,
  seq integer not null
);
create index if not exists witnessed_by_projection on witnessed (projection, nth);
grant insert on witnessed to heddle_analytics;
