-- What somebody looks for, as a query. A text is indexed under its own language's stems and as it stands, and nobody says in
-- which language they ask: the terms are read in each configuration, and what differs is joined by "or". `kinds` says of each
-- text how it is meant: word, phrase, prefix (of its last word) or without. Null where there is no word to look for.
create function search_query(kinds text[], texts text[]) returns tsquery
  language sql stable parallel safe set search_path = pg_catalog, pg_temp
as $$
  with parsed as (
    select configuration, kind, n, query
      from unnest(array['simple', 'english', 'german', 'french', 'spanish', 'italian', 'portuguese', 'dutch', 'swedish',
                        'danish', 'norwegian', 'finnish', 'russian']) as configuration,
           unnest(kinds, texts) with ordinality as term(kind, words, n),
           lateral (select case kind
                             when 'phrase' then phraseto_tsquery(configuration::regconfig, words)::text
                             when 'prefix' then plainto_tsquery('simple', words)::text || ':*'
                             else plainto_tsquery(configuration::regconfig, words)::text
                           end) as read(query)
     where query not in ('', ':*')),
  wanted as (
    select '(' || string_agg(distinct '(' || variant || ')', ' | ') || ')' as query
      from (select string_agg('(' || query || ')', ' & ' order by n) as variant
              from parsed where kind <> 'without' group by configuration) as variants),
  unwanted as (
    select string_agg(distinct '(' || query || ')', ' | ') as query from parsed where kind = 'without')
  select (wanted.query || coalesce(' & !(' || unwanted.query || ')', ''))::tsquery from wanted, unwanted
$$;

-- The conversations of the session's workspace in which a query is found, with how well: all of them, or where `most` is
-- given, so many of the best that come after a place in that order. The operator of full-text search is not leakproof, so under
-- row-level security no index serves it: this runs as the service, which sees all rows. It takes no workspace: the one that
-- row-level security goes by is read here, and compared with every row.
create function search_matches(wanted tsquery, with_notes boolean, after_relevance real, after_conversation uuid, most integer)
  returns table (conversation uuid, relevance real)
  language plpgsql stable security definer parallel safe rows 1000 set search_path = pg_catalog, pg_temp
as $$
declare
  own constant uuid := nullif(current_setting('heddle.workspace', true), '')::uuid;
  here constant tsquery := (quote_literal('w' || replace(own::text, '-', '')))::tsquery && wanted;
begin
  if most is null then
    return query
      select t.conversation, max(ts_rank(t.document, wanted, 1))
        from conversation.search_texts t
       where t.document @@ here and t.workspace = own and t.kind is not null and (with_notes or t.kind <> 'note')
       group by t.conversation;
  else
    return query
      select found.conversation, found.relevance
        from (select t.conversation, max(ts_rank(t.document, wanted, 1)) as relevance
                from conversation.search_texts t
               where t.document @@ here and t.workspace = own and t.kind is not null and (with_notes or t.kind <> 'note')
               group by t.conversation) as found
       where after_conversation is null
          or (found.relevance, found.conversation) < (after_relevance, after_conversation)
       order by found.relevance desc, found.conversation desc
       limit most;
  end if;
end
$$;

alter function search_matches(tsquery, boolean, real, uuid, integer) owner to heddle_conversation;
revoke execute on function search_matches(tsquery, boolean, real, uuid, integer), search_query(text[], text[]) from public;
grant execute on function search_matches(tsquery, boolean, real, uuid, integer) to heddle_conversation_reader;
grant execute on function search_query(text[], text[]) to heddle_conversation_reader;
