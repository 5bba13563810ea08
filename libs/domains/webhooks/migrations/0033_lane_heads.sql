-- The first row of each lane of an endpoint, after a place, from lane to lane along `waiting_lanes`, however many wait behind it; with
-- how many of them do, counted to a bound. The settings are for a table that has no statistics yet: the plan that it is given then
-- reads all rows that are left for each lane.
create function lane_heads(of_endpoint uuid, after_run integer, after_stream uuid, in_state text, most integer, counted integer)
returns table (run integer, stream uuid, "position" bigint, state text, attempts integer, told boolean, due_at timestamptz,
               since timestamptz, behind integer)
language sql stable
set enable_seqscan = off set enable_bitmapscan = off set enable_sort = off set enable_hashjoin = off set enable_mergejoin = off
as $$
  with recursive lanes as (
    (select w.run, w.stream, w.position, w.state, w.attempts, w.told, w.due_at, w.since from webhooks.waiting w
      where w.endpoint = of_endpoint and (w.run, w.stream) > (after_run, after_stream) and w.state <> 'given_up'
      order by w.run, w.stream, w.position limit 1)
    union all
    select n.* from lanes l cross join lateral (
      select w.run, w.stream, w.position, w.state, w.attempts, w.told, w.due_at, w.since from webhooks.waiting w
       where w.endpoint = of_endpoint and (w.run, w.stream) > (l.run, l.stream) and w.state <> 'given_up'
       order by w.run, w.stream, w.position limit 1) n
  ), page as (
    select * from lanes l where in_state is null or l.state = in_state limit most
  )
  select p.*, b.behind from page p cross join lateral (
    select count(*)::integer as behind from (
      select from webhooks.waiting w
       where w.endpoint = of_endpoint and w.run = p.run and w.stream = p.stream and w.position > p.position
         and w.state <> 'given_up' limit counted) c) b
   order by p.run, p.stream
$$;
