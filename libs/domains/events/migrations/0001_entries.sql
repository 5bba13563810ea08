-- The index of the log that events are found by: a row an event, without what it says. The bytes are read from the log
-- by their position (docs/decisions/0034).
create table entries (
  position bigint not null,
  workspace uuid not null,
  type text not null,
  -- The conversation whose stream it is on, or that it is about.
  conversation uuid,
  -- The customer whose stream it is on, or whom it is about.
  customer uuid,
  -- The id of who called.
  actor text not null,
  -- What the workspace calls an activity.
  activity text,
  recorded_at timestamptz not null,
  primary key (workspace, position)
) with (fillfactor = 100);
create index on entries (conversation, position) where conversation is not null;
create index on entries (customer, position) where customer is not null;

-- Whose a conversation is.
create table conversation_customers (
  conversation uuid primary key,
  workspace uuid not null,
  customer uuid not null
);
create index on conversation_customers (customer, conversation);

-- Which customers are read as which others: the last word on each two, so that an older one that comes late changes nothing.
create table merged_customers (
  customer uuid not null,
  into_customer uuid not null,
  workspace uuid not null,
  is_merged boolean not null,
  seq integer not null,
  primary key (customer, into_customer)
);
create index on merged_customers (into_customer, customer);

-- Of every 4,096 positions, when their first and last event was recorded: where in the log a time is. Positions are in
-- the order of commit, and the clocks of processes differ.
create table spans (
  workspace uuid not null,
  span integer not null,
  first_recorded_at timestamptz not null,
  last_recorded_at timestamptz not null,
  primary key (workspace, span)
) with (fillfactor = 50);

-- Which types, actors and activities are among which 4,096 positions: what is rare is looked for in these alone. An index
-- of the entries by each would cost every event three times what it costs here.
create table span_words (
  workspace uuid not null,
  -- `type`, `actor` or `activity`.
  kind text not null,
  word text not null,
  span integer not null,
  primary key (workspace, kind, word, span)
);

select heddle.isolate('events', 'entries');
select heddle.isolate('events', 'conversation_customers');
select heddle.isolate('events', 'merged_customers');
select heddle.isolate('events', 'spans');
select heddle.isolate('events', 'span_words');
