-- How often a message or draft of the conversation has changed: what a decision was read for is compared with it.
alter table conversations add column content_revision integer not null default 0;
