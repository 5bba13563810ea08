/** Of the sessions that read and write what is due. */
export const QUEUE_SETTINGS = {
  lock_timeout: '5s',
  idle_in_transaction_session_timeout: '5s',
  // As the settings of projections: a plan that was made while a table was empty must not scan it for ever after.
  enable_seqscan: 'off',
  enable_hashjoin: 'off',
  enable_mergejoin: 'off',
  // From lane to lane, along their index.
  enable_bitmapscan: 'off',
};
