-- Whether Kafka and the store were found to tell the same history in a life of the store: until then a store whose log
-- is on Kafka, and that has been put back, takes no appends (docs/decisions/0017).

alter table log.epochs add column confirmed_at timestamptz;
grant select, update (confirmed_at) on log.epochs to heddle_relay;
