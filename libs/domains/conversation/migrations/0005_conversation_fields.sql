-- Statuses with details, snoozing, priority, team, lock, and how often the title has changed.
alter table conversations
  add column title_revision integer not null default 0,
  add column priority text not null default 'normal',
  add column detail uuid,
  add column snoozed_until timestamptz,
  add column team uuid,
  add column locked boolean not null default false;
create index on conversations (workspace, team, conversation) where team is not null;
create index on conversations (workspace, priority, conversation) where priority <> 'normal';
create index on conversations (snoozed_until, conversation) where snoozed_until is not null;
