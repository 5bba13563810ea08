create table webhook_endpoints (
  id uuid primary key,
  workspace uuid not null,
  url text not null,
  description text,
  -- Why nothing is sent to it: request, gone or failing; null where it is enabled.
  disabled_reason text,
  deleted boolean not null default false,
  types text[] not null,
  -- JSON; null for no conditions.
  filter text,
  pin text not null,
  ordered boolean not null,
  concurrency integer not null,
  rate_limit integer,
  -- Seconds.
  retry_schedule integer[] not null,
  signatures text[] not null,
  body_signature_header text,
  -- Of the headers whose values are among the secrets.
  header_names text[] not null,
  client_certificate_sha256 text,
  -- Its secrets under a key of the workspace's, in base64.
  sealed text not null,
  -- Until when the secret before signs as well.
  previous_until timestamptz,
  created_at timestamptz not null,
  updated_at timestamptz not null
);
create index on webhook_endpoints (workspace, id);
alter table webhook_endpoints alter column sealed set statistics 0;

select heddle.isolate('webhooks', 'webhook_endpoints');
