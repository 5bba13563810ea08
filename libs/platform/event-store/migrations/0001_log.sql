-- The event store: one order drawn at commit, heads with their folded state, idempotency, claims, epochs.
-- The platform's roles are made by the migration runner: heddle_log_writer appends and reads every workspace,
-- heddle_log_reader reads the workspace that the session names in heddle.workspace.

create table log.store (
  only_row boolean primary key default true check (only_row),
  id uuid not null
);

-- Which life of the store a position belongs to. A new one begins whenever the cluster underneath is not the one
-- that wrote the last one; positions past fork_position in an older epoch belong to another history.
create table log.epochs (
  epoch integer primary key,
  fork_position bigint not null,
  system_identifier text not null,
  timeline integer not null,
  began_at timestamptz not null default now()
);

create table log.events (
  position bigint primary key,
  workspace uuid not null,
  stream uuid not null,
  seq integer not null check (seq > 0),
  type text not null,
  recorded_at timestamptz not null,
  schema_fingerprint bytea not null,
  payload bytea not null,
  unique (stream, seq)
) with (fillfactor = 100);

-- Keys and workspaces are followed by every process from the first event on, and are few.
create index events_of_access on log.events (position) where type like 'api\_key.%' or type like 'workspace.%';

create table log.streams (
  stream uuid primary key,
  workspace uuid not null,
  type text not null,
  version integer not null,
  -- The decider's folded state, JSON. Text, so that no byte of it is rewritten.
  state text not null
) with (fillfactor = 60);

create table log.idempotency (
  -- Of workspace, method, path and key, hashed: a key may be long, and may name a person.
  key uuid primary key,
  fingerprint uuid not null,
  status smallint not null,
  response bytea not null,
  -- The place of the request's last event; null where it had none.
  position bigint,
  etag integer,
  stored_at timestamptz not null default now()
);
create index idempotency_by_age on log.idempotency using brin (stored_at);

-- A name that may be given once: HMAC of (kind, scope, value) under the workspace's key, so that no e-mail address
-- used as an external id stands here.
create table log.claims (
  claim uuid primary key,
  workspace uuid not null,
  stream uuid not null
);

-- Appends a group of decided commands, or nothing at all.
--
-- s_*: one entry a stream: the version the decisions were made on (compared once), the new version and state.
-- e_*: the events, in the order their positions are drawn. k_*: idempotency records; k_event is the number (from 1)
-- of the command's last event in e_*, null for none. c_*: claims.
-- Returns the position before the first event. Raises HD001 with a JSON detail {streams, keys, claims} that names
-- what stands against it; with `epoch` true where the store lives another life than the one that the decisions were
-- made in, which concerns every stream. The caller drops those commands with all later ones of their streams and tries again.
create function log.append(
  s_workspace uuid[], s_stream uuid[], s_type text[], s_base integer[], s_version integer[], s_state text[],
  e_workspace uuid[], e_stream uuid[], e_seq integer[], e_type text[], e_recorded timestamptz[],
  e_fingerprint bytea[], e_payload bytea[],
  k_key uuid[], k_fingerprint uuid[], k_status integer[], k_response bytea[], k_event integer[], k_etag integer[],
  c_claim uuid[], c_workspace uuid[], c_stream uuid[],
  expected_epoch integer default null
) returns bigint
language plpgsql
as $$
declare
  stale uuid[];
  used uuid[];
  taken uuid[];
  before bigint;
begin
  perform pg_advisory_xact_lock(4851, 1);

  -- A statement of its own, so that its snapshot is taken after the lock was granted.
  if expected_epoch <> (select max(epoch) from log.epochs) then
    raise exception 'the store has begun another life' using
      errcode = 'HD001', detail = json_build_object('streams', s_stream, 'keys', null, 'claims', null, 'epoch', true)::text;
  end if;
  select array_agg(s.stream) into stale
    from unnest(s_stream, s_base) s(stream, base)
    left join log.streams h on h.stream = s.stream
   where coalesce(h.version, 0) <> s.base;
  if cardinality(k_key) > 0 then
    select array_agg(i.key) into used from log.idempotency i where i.key = any (k_key);
  end if;
  if cardinality(c_claim) > 0 then
    select array_agg(c.claim) into taken from log.claims c where c.claim = any (c_claim);
  end if;
  if stale is not null or used is not null or taken is not null then
    raise exception 'the append was decided on a state that has passed' using
      errcode = 'HD001', detail = json_build_object('streams', stale, 'keys', used, 'claims', taken)::text;
  end if;

  select coalesce(max(position), 0) into before from log.events;
  insert into log.events (position, workspace, stream, seq, type, recorded_at, schema_fingerprint, payload)
    select before + e.n, e.workspace, e.stream, e.seq, e.type, e.recorded_at, e.fingerprint, e.payload
      from unnest(e_workspace, e_stream, e_seq, e_type, e_recorded, e_fingerprint, e_payload)
           with ordinality e(workspace, stream, seq, type, recorded_at, fingerprint, payload, n)
     order by e.n;
  update log.streams h set version = s.version, state = s.state
    from unnest(s_stream, s_base, s_version, s_state) s(stream, base, version, state)
   where h.stream = s.stream and s.base > 0 and s.version > s.base;
  insert into log.streams (stream, workspace, type, version, state)
    select s.stream, s.workspace, s.type, s.version, s.state
      from unnest(s_stream, s_workspace, s_type, s_base, s_version, s_state) s(stream, workspace, type, base, version, state)
     where s.base = 0 and s.version > 0;
  if cardinality(k_key) > 0 then
    insert into log.idempotency (key, fingerprint, status, response, position, etag)
      select k.key, k.fingerprint, k.status, k.response, before + k.event, k.etag
        from unnest(k_key, k_fingerprint, k_status, k_response, k_event, k_etag)
             k(key, fingerprint, status, response, event, etag);
  end if;
  if cardinality(c_claim) > 0 then
    insert into log.claims (claim, workspace, stream)
      select c.claim, c.workspace, c.stream from unnest(c_claim, c_workspace, c_stream) c(claim, workspace, stream);
  end if;
  if cardinality(e_stream) > 0 then
    perform pg_notify('heddle_log', (before + cardinality(e_stream))::text);
  end if;
  return before;
end
$$;

alter table log.events enable row level security, force row level security;
alter table log.streams enable row level security, force row level security;
create policy writer on log.events to heddle_log_writer using (true) with check (true);
create policy writer on log.streams to heddle_log_writer using (true) with check (true);
create policy workspace on log.events for select to heddle_log_reader
  using (workspace = current_setting('heddle.workspace', true)::uuid);
create policy workspace on log.streams for select to heddle_log_reader
  using (workspace = current_setting('heddle.workspace', true)::uuid);

grant usage on schema log to heddle_log_writer, heddle_log_reader;
grant select, insert on log.events, log.idempotency, log.claims to heddle_log_writer;
grant select, insert, update on log.streams to heddle_log_writer;
grant delete on log.idempotency to heddle_log_writer;
grant select, insert on log.store, log.epochs to heddle_log_writer;
grant execute on function log.append to heddle_log_writer;
revoke execute on function log.append from public;
grant select on log.events, log.streams, log.store, log.epochs to heddle_log_reader;
