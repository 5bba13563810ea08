grant usage on schema keys to heddle_log_writer;
grant select, insert, update on keys.data_keys, keys.workspace_keys to heddle_log_writer;
grant select, update on keys.destructions to heddle_log_writer;
