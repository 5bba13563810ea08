-- A document's words as its index has them: each begins with the last four digits of its workspace, so that a search reads the
-- postings of no other workspace but one in 65,536, whose rows it tells apart by the column. A word that would be too long for
-- an index is left out; nobody types it.
create function words_of(workspace uuid, words tsvector) returns tsvector
  language sql immutable parallel safe
as $$
  select replace(' ' || case when octet_length(words::text) > 2000
                             then ts_delete(words, array(select lexeme from unnest(words) where octet_length(lexeme) > 2000))
                             else words end::text,
                 ' ''', ' ''' || right(workspace::text, 4))::tsvector
$$;

-- A query of words as they are typed, as one of a workspace's words.
create function query_of(workspace uuid, wanted tsquery) returns tsquery
  language sql immutable parallel safe
as $$
  select regexp_replace(wanted::text, '''((?:[^'']|'''')*)''', '''' || right(workspace::text, 4) || '\1''', 'g')::tsquery
$$;

revoke execute on function words_of(uuid, tsvector), query_of(uuid, tsquery) from public;
grant execute on function words_of(uuid, tsvector) to heddle_conversation;
grant execute on function query_of(uuid, tsquery) to heddle_conversation, heddle_conversation_reader;

update search_texts
   set document = words_of(workspace, ts_delete(document, 'w' || replace(workspace::text, '-', '')))
 where document is not null;

-- As before, but for the words of the workspace.
create or replace function search_matches(wanted tsquery, with_notes boolean, after_relevance real, after_conversation uuid, most integer)
  returns table (conversation uuid, relevance real)
  language plpgsql stable security definer parallel safe rows 1000 set search_path = pg_catalog, pg_temp
as $$
declare
  own constant uuid := nullif(current_setting('heddle.workspace', true), '')::uuid;
  here constant tsquery := conversation.query_of(own, wanted);
begin
  if most is null then
    return query
      select t.conversation, max(ts_rank(t.document, here, 1))
        from conversation.search_texts t
       where t.document @@ here and t.workspace = own and t.kind is not null and (with_notes or t.kind <> 'note')
       group by t.conversation;
  else
    return query
      select found.conversation, found.relevance
        from (select t.conversation, max(ts_rank(t.document, here, 1)) as relevance
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

-- As before, at a quarter of the time.
create or replace function search_query(kinds text[], texts text[]) returns tsquery
  language plpgsql stable parallel safe set search_path = pg_catalog, pg_temp
as $$
declare
  configurations constant regconfig[] := array['simple', 'english', 'german', 'french', 'spanish', 'italian', 'portuguese',
                                               'dutch', 'swedish', 'danish', 'norwegian', 'finnish', 'russian'];
  configuration regconfig;
  query text;
  variant text;
  wanted text[] := '{}';
  unwanted text[] := '{}';
begin
  foreach configuration in array configurations loop
    variant := null;
    for n in 1 .. cardinality(kinds) loop
      query := case kinds[n]
                 when 'phrase' then phraseto_tsquery(configuration, texts[n])::text
                 when 'prefix' then plainto_tsquery('simple', texts[n])::text || ':*'
                 else plainto_tsquery(configuration, texts[n])::text
               end;
      continue when query in ('', ':*');
      if kinds[n] <> 'without' then
        variant := coalesce(variant || ' & ', '') || '(' || query || ')';
      elsif query <> all (unwanted) then
        unwanted := unwanted || query;
      end if;
    end loop;
    if variant is not null and variant <> all (wanted) then
      wanted := wanted || variant;
    end if;
  end loop;
  if wanted = '{}' then
    return null;
  end if;
  return ('((' || array_to_string(wanted, ') | (') || '))'
          || case when unwanted = '{}' then '' else ' & !((' || array_to_string(unwanted, ') | (') || '))' end)::tsquery;
end
$$;
