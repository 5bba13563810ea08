-- What the workspace has declared for customers, companies and tenants; lists and dependencies are JSON.
create table customer_fields (
  id uuid primary key,
  workspace uuid not null,
  object text not null,
  key text not null,
  kind text not null,
  version integer not null,
  name text not null,
  description text,
  personal boolean not null,
  required boolean not null,
  default_value text,
  options text not null,
  depends_on text,
  reference_to text,
  archived boolean not null default false,
  created_at timestamptz not null,
  updated_at timestamptz not null
);
create index on customer_fields (workspace, object, id);

select heddle.isolate('conversation', 'customer_fields');
