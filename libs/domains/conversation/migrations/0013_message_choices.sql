create table message_choices (
  conversation uuid not null,
  message_seq integer not null,
  seq integer not null,
  workspace uuid not null,
  author_type text not null,
  author text not null,
  -- JSON; null once the message is redacted.
  choices text,
  occurred_at timestamptz not null,
  primary key (conversation, message_seq, seq)
);
alter table message_choices alter column choices set statistics 0;

select heddle.isolate('conversation', 'message_choices');
