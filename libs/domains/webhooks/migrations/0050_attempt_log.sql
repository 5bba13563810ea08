-- Which version of the event's body was sent, so that it can be shown again.
alter table attempts add column pin text not null default '';

-- What failed is looked for most, and is rare: what was taken pays nothing for it.
create index attempts_failed on attempts (endpoint, id) where not taken;
