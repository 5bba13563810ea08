-- A name that a stream gives up may be another's (docs/decisions/0021). In the transaction of the append, after it: the
-- append holds the store's lock, and has compared what the decisions were made on.
--
-- h_*: names that streams count on having, whether or not they have them at this moment: they have them then. Raises HD001
-- as `log.append` does where another stream has one of those, even if that one gives it up here: its event may stand after
-- the one that takes it. r_*: names that streams give up, after that; one that another stream has stays where it is.
-- With its owner's rights: nobody else takes a claim out of the table.
create function log.move_claims(
  h_claim uuid[], h_workspace uuid[], h_stream uuid[], r_claim uuid[], r_stream uuid[]
) returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  taken uuid[];
begin
  insert into log.claims (claim, workspace, stream)
    select h.claim, h.workspace, h.stream from unnest(h_claim, h_workspace, h_stream) h(claim, workspace, stream)
    on conflict (claim) do nothing;
  -- Of two streams that count on one name, too, one has it now and the other has not.
  select array_agg(c.claim) into taken
    from log.claims c join unnest(h_claim, h_stream) h(claim, stream) on h.claim = c.claim
   where c.stream <> h.stream;
  if taken is not null then
    raise exception 'the append was decided on a state that has passed' using
      errcode = 'HD001', detail = json_build_object('streams', null, 'keys', null, 'claims', taken)::text;
  end if;
  delete from log.claims c using unnest(r_claim, r_stream) r(claim, stream)
   where c.claim = r.claim and c.stream = r.stream;
end
$$;

revoke execute on function log.move_claims from public;
grant execute on function log.move_claims to heddle_log_writer;
