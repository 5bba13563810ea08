create table message_reactions (
  conversation uuid not null,
  message_seq integer not null,
  author_type text not null,
  author text not null,
  emoji text not null,
  workspace uuid not null,
  primary key (conversation, message_seq, author_type, author, emoji)
);

select heddle.isolate('conversation', 'message_reactions');
