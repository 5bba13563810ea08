-- How far each of a service's followed projections has got, and what could not be applied. Run in every service's
-- schema that keeps projections.

create table projections (
  name text primary key,
  -- The position expected next: all before it have been applied, passed over or set aside.
  next bigint not null default 1 check (next > 0),
  -- Counts the rebuilds.
  generation integer not null default 0,
  -- Set when the cursor was found beyond the log's end. The log may grow past it later, with other events than were
  -- applied, so only a rebuild clears it.
  diverged_at timestamptz,
  updated_at timestamptz not null default now()
) with (fillfactor = 50);

create table dead_letters (
  projection text not null,
  position bigint not null,
  -- Null where the event could not even be decoded.
  event_id text,
  type text,
  -- No value of the event stands in it.
  cause text not null,
  attempts integer not null,
  failed_at timestamptz not null default now(),
  redriven_at timestamptz,
  primary key (projection, position)
);
create index dead_letters_waiting on dead_letters (projection, position) where redriven_at is null;

-- Moves a cursor by compare-and-set. Raises HD002 where another member has moved it, or where it has diverged; sent
-- first in a transaction, it keeps a member that was overtaken from changing anything.
create function advance(of_projection text, expected bigint, reached bigint) returns void language plpgsql
set search_path from current as $$
begin
  update projections set next = reached, updated_at = clock_timestamp()
   where name = of_projection and next = expected and diverged_at is null;
  if not found then
    raise exception 'the projection % is not at %', of_projection, expected using errcode = 'HD002';
  end if;
end
$$;

-- Claims a dead letter for its re-drive, once. Raises HD002 where somebody else did.
create function take_dead_letter(of_projection text, at bigint) returns void language plpgsql
set search_path from current as $$
begin
  update dead_letters set redriven_at = clock_timestamp()
   where projection = of_projection and position = at and redriven_at is null;
  if not found then
    raise exception 'the dead letter % of % does not wait', at, of_projection using errcode = 'HD002';
  end if;
end
$$;
