-- What the full-text search finds: a row a message and a title, kept from the log. The text itself stands with the
-- message and the conversation, and is taken from there when a found place is shown.
create table search_texts (
  -- The message's id; of a title, the conversation's.
  source uuid primary key,
  workspace uuid not null,
  conversation uuid not null,
  -- title, message or note; null before the event is known that made it.
  kind text,
  -- The event that posted the message; null of a title.
  message_seq integer,
  -- The event that the document is made of; 0 before there was one.
  seq integer not null,
  redacted boolean not null,
  -- The text search configuration that its words were stemmed by; simple where no language was recognized.
  language text,
  -- The words as they stand and their stems, and the workspace as a word that all of its rows have. Null: nothing to find.
  document tsvector
);
-- No samples of what people write in the statistics, and none of its words: see 0003.
alter table search_texts alter column document set statistics 0;
-- Every search reads the pending list whole: a short one.
create index on search_texts using gin (document) with (gin_pending_list_limit = 512);
create index on search_texts (conversation);

select heddle.isolate('conversation', 'search_texts');

-- When something was said in a conversation last; before that, when it was made.
create table activity (
  conversation uuid primary key,
  workspace uuid not null,
  last_message_at timestamptz not null
) with (fillfactor = 80);
create index on activity (workspace, last_message_at, conversation);

select heddle.isolate('conversation', 'activity');
