-- How far each has come: no read model, for it follows from what the queue was given. Without a row here a replay is yet to begin.
create table replays_progress (
  replay uuid primary key,
  workspace uuid not null,
  -- Everything up to here was looked at.
  position bigint not null,
  -- Events that were put into the queue, and those that were left out for what became of them before.
  due bigint not null,
  passed_over bigint not null,
  -- It was cancelled, and its rows are out of the queue: so many.
  is_taken_back boolean not null default false,
  taken_back bigint not null default 0
);

select heddle.isolate('webhooks', 'replays_progress');

-- Moves a replay on by compare-and-set. Fails with HD002 where it has come further already: in a transaction whose end nobody heard of.
create function advance_replay(
  of_replay uuid, of_workspace uuid, expected bigint, looked_at bigint, more_due bigint, more_passed_over bigint
) returns void
language plpgsql as $$
begin
  insert into webhooks.replays_progress as p (replay, workspace, position, due, passed_over)
  values (of_replay, of_workspace, looked_at, more_due, more_passed_over)
  on conflict (replay) do update
    set position = excluded.position, due = p.due + excluded.due, passed_over = p.passed_over + excluded.passed_over
    where p.position = expected;
  if not found then
    raise exception 'the replay % is not at %', of_replay, expected using errcode = 'HD002';
  end if;
end $$;
