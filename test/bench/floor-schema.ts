/** The floor's tables, each with the indexes that its statements need and no more. Safe to run again. */
export const FLOOR_SCHEMA = `
create schema if not exists floor;
create table if not exists floor.conversations (
  id uuid primary key,
  customer_id uuid not null,
  channel text not null,
  status text not null default 'open',
  version integer not null,
  messages integer not null,
  created_at timestamptz not null default now(),
  last_message_at timestamptz
) with (fillfactor = 60);
create table if not exists floor.events (
  position bigint generated always as identity primary key,
  id uuid not null,
  conversation_id uuid not null,
  seq integer not null,
  type text not null,
  recorded_at timestamptz not null,
  payload text not null,
  unique (conversation_id, seq)
);
create table if not exists floor.idempotency (
  key text primary key,
  status smallint not null,
  response text not null,
  stored_at timestamptz not null default now()
);`;
