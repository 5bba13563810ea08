-- Who is at a conversation now. No read model: it is made of no events, and says nothing of the past. Unlogged, for what
-- a crash loses of it is said again within a minute.
create unlogged table presences (
  conversation uuid not null,
  party text not null,
  workspace uuid not null,
  party_type text not null,
  since timestamptz not null,
  expires_at timestamptz not null,
  primary key (conversation, party)
) with (fillfactor = 70);
create index on presences (expires_at);

select heddle.isolate('conversation', 'presences');
