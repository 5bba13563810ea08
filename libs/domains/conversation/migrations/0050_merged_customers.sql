-- Which customers are read as which others, as the customers' own events say.
create table merged_customers (
  customer uuid not null,
  into_customer uuid not null,
  workspace uuid not null,
  primary key (customer, into_customer)
);
create index on merged_customers (into_customer, customer);

select heddle.isolate('conversation', 'merged_customers');
