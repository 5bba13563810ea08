-- Things of other systems that a conversation refers to; what they are called there may name people.
create table refs (
  conversation uuid not null,
  reference uuid not null,
  workspace uuid not null,
  type text not null,
  external_id text not null,
  url text,
  title text,
  added_at timestamptz not null,
  primary key (conversation, reference)
);
alter table refs
  alter column external_id set statistics 0,
  alter column url set statistics 0,
  alter column title set statistics 0;

select heddle.isolate('conversation', 'refs');
