-- The values that conversations and messages have now. A multi_enum has a row for each of its options, all else one; the
-- whole value, as JSON, stands on the first.
create table field_values (
  owner uuid not null,
  field uuid not null,
  item integer not null,
  workspace uuid not null,
  -- The conversation, also of a message.
  stream uuid not null,
  key text not null,
  kind text not null,
  version integer not null,
  value text,
  -- 255 characters at most, which an entry of an index has room for: a field of the kind text has none here.
  text_value text,
  number_value numeric,
  date_value date,
  bool_value boolean,
  set_at timestamptz not null,
  primary key (owner, field, item)
);
create index on field_values (workspace, field, text_value, owner) where text_value is not null;
create index on field_values (workspace, field, number_value, owner) where number_value is not null;
create index on field_values (workspace, field, date_value, owner) where date_value is not null;
create index on field_values (workspace, field, bool_value, owner) where bool_value is not null;
-- Values may be personal, and statistics are samples that no erasure reaches.
alter table field_values
  alter column value set statistics 0,
  alter column text_value set statistics 0,
  alter column number_value set statistics 0,
  alter column date_value set statistics 0,
  alter column bool_value set statistics 0;

select heddle.isolate('conversation', 'field_values');
