create table webhook_endpoints (
  id uuid primary key,
  workspace uuid not null,
  url text not null,
  description text,
  -- Why nothing is sent to it: request, gone or failing; null where it is enabled.
  disabled_reason text,
  deleted boolean not null default false,
  -- Words, with commas between.
  types text not null,
  -- JSON; null for no conditions.
  filter text,
  pin text not null,
  ordered boolean not null,
  concurrency integer not null,
  rate_limit integer,
  -- Seconds, with commas between.
  retry_schedule text not null,
  signatures text not null,
  body_signature_header text,
  -- Names of the headers whose values are among the secrets, with commas between.
  header_names text not null,
  has_client_certificate boolean not null,
  -- Its secrets under a key of the workspace's, in base64.
  sealed text not null,
  -- Until when what was the secret before signs beside it.
  previous_until timestamptz,
  created_at timestamptz not null,
  updated_at timestamptz not null
);
create index on webhook_endpoints (workspace, id) where not deleted;
alter table webhook_endpoints alter column sealed set statistics 0;

select heddle.isolate('webhooks', 'webhook_endpoints');
