-- Under which event what a sender calls by this id was recorded. The key is a hash of source and id under the workspace's
-- key. Nothing is ever taken out: an id is refused for ever.
create table activity_ids (
  key uuid primary key,
  workspace uuid not null,
  event uuid not null
);

select heddle.isolate('ingest', 'activity_ids');
