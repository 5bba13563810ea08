-- Which labels a conversation has.
create table labelings (
  conversation uuid not null,
  label uuid not null,
  workspace uuid not null,
  primary key (conversation, label)
);
create index on labelings (workspace, label, conversation);

select heddle.isolate('conversation', 'labelings');
