-- What opens one stream, once, in place of a key. No events: rows that are gone within minutes.
create table tickets (
  -- SHA-256.
  hash bytea primary key,
  workspace uuid not null,
  -- The id of the key that it was made with.
  key text not null,
  expires_at timestamptz not null
);
create index on tickets (expires_at);

select heddle.isolate('events', 'tickets');
