-- Which messages forks have copied: a redaction follows its message into each of them.
create table copies (
  conversation uuid not null,
  message uuid not null,
  workspace uuid not null,
  origin uuid not null,
  primary key (conversation, message)
);
create index on copies (origin);

select heddle.isolate('conversation', 'copies');
