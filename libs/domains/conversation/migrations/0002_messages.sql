create table messages (
  conversation uuid not null,
  seq integer not null,
  workspace uuid not null,
  message uuid not null,
  author_type text not null,
  author text not null,
  channel text not null,
  type text not null,
  text text not null,
  external_id text,
  occurred_at timestamptz not null,
  recorded_at timestamptz not null,
  primary key (conversation, seq)
);

select heddle.isolate('conversation', 'messages');
