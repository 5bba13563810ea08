-- A row a conversation with its times and counts, from the log alone. Times are when things happened, not when they
-- were recorded. What has not been seen (yet) is null.
create table conversation_facts (
  conversation uuid primary key,
  workspace uuid not null,
  customer uuid,
  channel text,
  status text not null,
  -- The seq of the event that the status comes from; 0 before there was one.
  status_seq integer not null,
  created_at timestamptz,
  first_customer_message_at timestamptz,
  -- The first message of a user or an AI agent.
  first_response_at timestamptz,
  last_message_at timestamptz,
  first_closed_at timestamptz,
  last_closed_at timestamptz,
  messages integer not null,
  customer_messages integer not null,
  user_messages integer not null,
  ai_agent_messages integer not null,
  system_messages integer not null,
  closes integer not null,
  reopens integer not null,
  assignments integer not null,
  last_seq integer not null
) with (fillfactor = 70);

select heddle.isolate('analytics', 'conversation_facts');
