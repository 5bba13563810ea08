-- How far the store's events are on Kafka, who carries them there, and which schema ids stand in their frames
-- (docs/decisions/0014, 0015).

-- One row, made by the first relay that takes over.
create table log.relay (
  only_row boolean primary key default true check (only_row),
  -- Grows by one with every take-over; whoever holds an older one changes nothing here.
  token bigint not null,
  holder text not null,
  -- Until when others leave the holder alone. It spares work, and fences nobody: the broker does.
  lease_until timestamptz not null,
  -- Every event up to here is on Kafka, acknowledged by all in-sync replicas.
  position bigint not null,
  state text not null check (state in ('taking over', 'relaying', 'diverged', 'away')),
  -- Why it does not relay: one line.
  reason text,
  -- Where the events are carried to: what the topics' names begin with, and Kafka's id of the cluster.
  topic_prefix text,
  cluster text,
  -- The producer id by which Kafka knows all relays of this store: one that gets another does not shut the others out.
  producer_id bigint,
  changed_at timestamptz not null default now()
);

-- Each partition as the checkpoint knows it: what lies from its last event on is looked at when a relay takes over.
create table log.relay_partitions (
  topic text not null,
  partition integer not null check (partition >= 0),
  -- The offset after its last event's; 0 where it has none.
  end_offset bigint not null check (end_offset >= 0),
  -- The position of the partition's last event; 0 where it has none.
  last_position bigint not null check (last_position >= 0),
  primary key (topic, partition)
);

-- The ids that the registry of the topics gave the schemas: relay and readers start with them while it is away, and a
-- registry in which an id means another schema is refused.
create table log.registry (
  -- As in log.events.
  fingerprint bytea primary key check (octet_length(fingerprint) = 16),
  schema_id integer not null check (schema_id > 0),
  -- The record's full name, which is the subject.
  record text not null,
  recorded_at timestamptz not null default now()
);

create policy relay on log.events for select to heddle_relay using (true);
grant usage on schema log to heddle_relay;
grant select on log.events, log.store to heddle_relay;
grant select, insert, update on log.relay, log.relay_partitions to heddle_relay;
grant select, insert on log.registry to heddle_relay;
grant select on log.relay, log.relay_partitions, log.registry to heddle_log_writer;
