create table drafts (
  draft uuid primary key,
  workspace uuid not null,
  conversation uuid not null,
  author_type text not null,
  author text not null,
  channel text not null,
  type text not null,
  text text not null,
  blocks text,
  in_reply_to uuid,
  ai_model text,
  ai_confidence double precision,
  ai_sources text,
  ai_read_through_seq integer,
  status text not null default 'open',
  message uuid,
  settled_by_type text,
  settled_by text,
  reason text,
  -- The events that say something personal of it.
  seqs integer[] not null,
  created_at timestamptz not null,
  updated_at timestamptz not null
);
create index on drafts (conversation, draft);
alter table drafts
  alter column text set statistics 0,
  alter column blocks set statistics 0,
  alter column ai_sources set statistics 0,
  alter column reason set statistics 0;

select heddle.isolate('conversation', 'drafts');
