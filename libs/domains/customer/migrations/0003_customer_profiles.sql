-- Placeholders have no external id; profiles, and whom a customer was merged into. Nothing of a person in the statistics:
-- see 0002.
alter table customers
  alter column external_id drop not null,
  add column placeholder boolean not null default false,
  add column language text,
  add column time_zone text,
  add column merged_into_id uuid,
  add column undo_until timestamptz;
alter table customers
  alter column language set statistics 0,
  alter column time_zone set statistics 0;
create index on customers (merged_into_id) where merged_into_id is not null;
