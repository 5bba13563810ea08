-- Statistics are samples of what columns hold, and lie in a catalogue that no erasure reaches: none of what identifies
-- a person. A look-up by external id must then do without an estimate: its index has the list's order, too.
alter table users
  alter column external_id set statistics 0,
  alter column name set statistics 0,
  alter column email set statistics 0;
drop index users_workspace_external_id_idx;
create index on users (workspace, external_id, id);
