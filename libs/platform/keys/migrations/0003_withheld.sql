-- Events whose sealed fields are not to be read any more, though the key of their person is there: what was redacted.
-- Numbered with the destroyed keys, so that every process learns of them in the same way.
create table keys.withheld (
  stream text not null,
  seq integer not null,
  workspace uuid not null,
  key uuid not null,
  withheld_at timestamptz not null default now(),
  destruction bigint not null,
  primary key (stream, seq)
);
create index withheld_by_key on keys.withheld (key);
create index withheld_by_destruction on keys.withheld (destruction);
grant select, insert on keys.withheld to heddle_log_writer;
