-- Which companies and tenants customers belong to.
create table memberships (
  customer uuid not null,
  -- company or tenant
  kind text not null,
  organization uuid not null,
  workspace uuid not null,
  primary key (customer, organization)
);
create index on memberships (workspace, organization, customer);

select heddle.isolate('conversation', 'memberships');
