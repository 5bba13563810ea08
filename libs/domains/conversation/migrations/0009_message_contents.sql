-- What messages of more than text have, and what becomes of messages. `more` is false for the many that have none of it:
-- reading them looks at nothing else.
alter table messages
  add column more boolean not null default false,
  add column blocks text,
  add column mentions text[] not null default '{}',
  add column channel_message_id text,
  add column in_reply_to uuid,
  add column draft uuid,
  add column ai_model text,
  add column ai_confidence double precision,
  add column ai_sources text,
  add column ai_read_through_seq integer,
  add column edited_at timestamptz,
  add column redacted_at timestamptz,
  -- Events beside its own that say something personal of it.
  add column later_seqs integer[] not null default '{}';
alter table messages
  alter column blocks set statistics 0,
  alter column channel_message_id set statistics 0,
  alter column ai_sources set statistics 0;
