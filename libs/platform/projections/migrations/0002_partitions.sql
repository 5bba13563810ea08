-- A projection has a cursor for each partition of the log: one on the embedded log, one for each partition of its
-- topics on Kafka (docs/decisions/0015).

alter table projections add column partition text not null default 'log';
alter table projections alter column partition drop default;
alter table projections drop constraint projections_pkey, add primary key (name, partition);
-- What the store had at or before this position was applied before the log moved to Kafka, and is passed over there.
alter table projections add column carried bigint not null default 0;

alter table dead_letters add column partition text not null default 'log';
alter table dead_letters alter column partition drop default;
alter table dead_letters drop constraint dead_letters_pkey, add primary key (projection, partition, position);
drop index dead_letters_waiting;
create index dead_letters_waiting on dead_letters (projection, partition, position) where redriven_at is null;

drop function advance(text, bigint, bigint);
drop function take_dead_letter(text, bigint);

-- Moves a cursor by compare-and-set. Raises HD002 where another member has moved it, or where it has diverged; sent
-- first in a transaction, it keeps a member that was overtaken from changing anything.
create function advance(of_projection text, of_partition text, expected bigint, reached bigint) returns void
language plpgsql set search_path from current as $$
begin
  update projections set next = reached, updated_at = clock_timestamp()
   where name = of_projection and partition = of_partition and next = expected and diverged_at is null;
  if not found then
    raise exception 'the projection % is not at % of %', of_projection, expected, of_partition using errcode = 'HD002';
  end if;
end
$$;

-- Claims a dead letter for its re-drive, once. Raises HD002 where somebody else did.
create function take_dead_letter(of_projection text, of_partition text, at bigint) returns void
language plpgsql set search_path from current as $$
begin
  update dead_letters set redriven_at = clock_timestamp()
   where projection = of_projection and partition = of_partition and position = at and redriven_at is null;
  if not found then
    raise exception 'the dead letter % of % in % does not wait', at, of_projection, of_partition
      using errcode = 'HD002';
  end if;
end
$$;
