create table companies (
  id uuid primary key,
  workspace uuid not null,
  external_id text not null,
  name text not null,
  domains text[] not null,
  archived boolean not null default false,
  created_at timestamptz not null,
  updated_at timestamptz not null
);
create index on companies (workspace, id);
create index on companies (workspace, external_id);
create index on companies using gin (domains);

select heddle.isolate('conversation', 'companies');
