-- Where the log has what a workspace's own systems told of customers and conversations, in the order of when it
-- happened: what a timeline has of it. What it says is read from the log.
create table activities (
  position bigint not null,
  workspace uuid not null,
  -- The customer or the conversation that it is about.
  subject uuid not null,
  occurred_at timestamptz not null,
  recorded_at timestamptz not null,
  primary key (subject, occurred_at, position)
) with (fillfactor = 100);

select heddle.isolate('conversation', 'activities');
