/** As `log.append` takes it: until the transaction ends nobody appends, and positions stay as they are. */
export const TAKE_APPEND_LOCK = 'select pg_advisory_xact_lock(4851, 1)';
