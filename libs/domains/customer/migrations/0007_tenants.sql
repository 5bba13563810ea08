create table tenants (
  id uuid primary key,
  workspace uuid not null,
  external_id text not null,
  name text not null,
  company_id uuid,
  archived boolean not null default false,
  created_at timestamptz not null,
  updated_at timestamptz not null
);
create index on tenants (workspace, id);
create index on tenants (workspace, external_id);
create index on tenants (workspace, company_id, id) where company_id is not null;

select heddle.isolate('conversation', 'tenants');
