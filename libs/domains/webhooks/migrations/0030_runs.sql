-- Numbers of an endpoint's runs: replays, and dead letters that were sent again. 0 is what happens now.
create table runs (
  endpoint uuid primary key,
  workspace uuid not null,
  -- The number of its next one.
  next integer not null
);

select heddle.isolate('webhooks', 'runs');
