-- What conditions of endpoints' filters go by, as of any position: a row for each fact that an event states. Rows are
-- inserted and never changed; what holds at a position is the last row at or before it, by subject, kind and key.
create table facts (
  -- The conversation, customer, company or tenant that it is a fact of.
  subject uuid not null,
  position bigint not null,
  -- customer, channel, status, priority, assignee, team, label, company, tenant, merged_into or custom_field
  kind text not null,
  -- Of what a subject has many of: the id of the label, company or tenant, or the custom field's key; else the empty text.
  key text not null,
  workspace uuid not null,
  -- Of a custom field JSON; null where it may name a person or is a long text, of which only is asked whether it is there.
  value text,
  -- The subject whose facts count for this one, too: the customer, the company, the tenant.
  leads_to uuid,
  is_on boolean not null,
  primary key (subject, position, kind, key)
);
-- What was stated since a position.
create index on facts (position);
-- Who was merged into a customer.
create index on facts (leads_to, position) where kind = 'merged_into';

-- What is declared of custom fields for good, by which a filter is checked when it is given.
create table declared_fields (
  field uuid primary key,
  workspace uuid not null,
  object text not null,
  key text not null,
  kind text not null,
  personal boolean not null,
  reference_to text
);
create index on declared_fields (workspace, object, key);

select heddle.isolate('webhooks', 'facts');
select heddle.isolate('webhooks', 'declared_fields');
