-- Where services read the log: once it was on Kafka, the cursors of what follows it are places there.

create table log.home (
  only_row boolean primary key default true check (only_row),
  kind text not null check (kind in ('postgres', 'kafka')),
  since timestamptz not null default now()
);
insert into log.home (kind) values ('postgres');
grant select, update on log.home to heddle_log_writer;
