-- How conversations belong together. One stream holds each: the row says which, and the other end finds it by the index.
create table links (
  conversation uuid not null,
  kind text not null,
  other uuid not null,
  workspace uuid not null,
  primary key (conversation, kind, other)
);
create index on links (other, kind, conversation);

select heddle.isolate('conversation', 'links');
