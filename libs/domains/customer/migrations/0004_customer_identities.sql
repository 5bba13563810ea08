-- What customers are known by. No samples of it in the statistics: see 0002.
create table customer_identities (
  id uuid primary key,
  customer uuid not null,
  workspace uuid not null,
  kind text not null,
  channel text,
  value text not null,
  verified boolean not null,
  -- When it was last made the first choice of its kind and channel, as a seq of the customer's stream; 0 for never.
  preferred_at integer not null,
  added_at timestamptz not null
);
alter table customer_identities alter column value set statistics 0;
create index on customer_identities (customer, id);

select heddle.isolate('conversation', 'customer_identities');
