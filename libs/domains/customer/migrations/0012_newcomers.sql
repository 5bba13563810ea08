-- Customers whom somebody else has named first: what says their name, and whether they were made placeholders of. Those
-- whom an upsert made known before that stay unmade, and are few.
create table newcomers (
  customer uuid primary key,
  workspace uuid not null,
  stream uuid,
  seq integer,
  made boolean not null
);
create index on newcomers (customer) where not made;

select heddle.isolate('conversation', 'newcomers');
