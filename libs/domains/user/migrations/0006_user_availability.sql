-- Whether they are there to answer, and how many open conversations they are meant to have.
alter table users
  add column status text not null default 'offline',
  add column capacity integer;
create index on users (workspace, status, id);
