-- A row a workspace that has rules of its own.
create table customer_rules (
  id uuid primary key,
  workspace uuid not null,
  -- Null: as Heddle has it.
  merge_undo_hours integer,
  updated_at timestamptz not null
);
create index on customer_rules (workspace);

select heddle.isolate('conversation', 'customer_rules');

create table placeholder_rules (
  rules uuid not null,
  -- Empty for every channel without a rule of its own.
  channel text not null,
  workspace uuid not null,
  unknown text not null,
  -- Kinds of identity, with commas between them.
  match_by text not null,
  name text,
  primary key (rules, channel)
);

select heddle.isolate('conversation', 'placeholder_rules');
