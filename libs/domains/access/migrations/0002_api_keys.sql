-- For lists: requests are let in by what each process read of the log.
create table api_keys (
  id uuid primary key,
  workspace uuid not null,
  name text not null,
  scopes text[] not null,
  created_at timestamptz not null,
  revoked_at timestamptz
);
create index on api_keys (workspace, id);

select heddle.isolate('access', 'api_keys');
