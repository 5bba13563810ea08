-- When a dead letter was copied to the topic of dead letters; those of the embedded log are not.

alter table dead_letters add column published_at timestamptz;
create index dead_letters_unpublished on dead_letters (failed_at) where published_at is null and partition <> 'log';
