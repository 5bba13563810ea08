create table message_count (
  stream uuid primary key,
  workspace uuid not null,
  messages integer not null,
  greatest_author uuid not null
) with (fillfactor = 80);
create index by_most_messages on message_count (workspace, messages desc);

select heddle.isolate('analytics', 'message_count');
