-- What a conversation is now. A message changes nothing here: the stream's version stands in its head.
create table conversations (
  conversation uuid primary key,
  workspace uuid not null,
  customer uuid not null,
  channel text not null,
  title text,
  external_id text,
  status text not null,
  assignee_type text,
  assignee uuid,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  closed_at timestamptz
);
create index on conversations (workspace, conversation);
create index on conversations (workspace, status, conversation);
create index on conversations (workspace, customer, conversation);
create index on conversations (workspace, assignee, conversation) where assignee is not null;
create index on conversations (workspace, channel, conversation);
create index on conversations (workspace, external_id) where external_id is not null;

select heddle.isolate('conversation', 'conversations');
