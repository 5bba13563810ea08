create table message_receipts (
  conversation uuid not null,
  message_seq integer not null,
  seq integer not null,
  workspace uuid not null,
  type text not null,
  channel text not null,
  reader_type text,
  reader text,
  code text,
  detail text,
  occurred_at timestamptz not null,
  primary key (conversation, message_seq, seq)
);
alter table message_receipts alter column detail set statistics 0;

select heddle.isolate('conversation', 'message_receipts');
