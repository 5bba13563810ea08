-- Which labels a conversation has.
create table conversation_labels (
  conversation uuid not null,
  label uuid not null,
  workspace uuid not null,
  primary key (conversation, label)
);
create index on conversation_labels (workspace, label, conversation);

select heddle.isolate('conversation', 'conversation_labels');
