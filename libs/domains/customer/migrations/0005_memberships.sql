-- Which companies and tenants a customer belongs to.
create table customer_companies (
  customer uuid not null,
  company uuid not null,
  workspace uuid not null,
  primary key (customer, company)
);
create index on customer_companies (company, customer);

select heddle.isolate('conversation', 'customer_companies');

create table customer_tenants (
  customer uuid not null,
  tenant uuid not null,
  workspace uuid not null,
  primary key (customer, tenant)
);
create index on customer_tenants (tenant, customer);

select heddle.isolate('conversation', 'customer_tenants');
