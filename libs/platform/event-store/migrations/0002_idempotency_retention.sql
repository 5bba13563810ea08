-- Old answers are forgotten by `delete … for update skip locked`, and a row lock needs the right to update a column.
grant update (stored_at) on log.idempotency to heddle_log_writer;
