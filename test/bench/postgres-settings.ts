/**
 * What bears on speed among the settings of the Postgres that `npm start` brings: test/architecture holds the two
 * equal. fsync, full_page_writes and synchronous_commit keep their default: on.
 */
export const POSTGRES_SETTINGS = {
  shared_buffers: '128MB',
  work_mem: '8MB',
  maintenance_work_mem: '64MB',
  jit: 'off',
  max_parallel_workers_per_gather: '0',
  random_page_cost: '1.1',
  max_wal_size: '512MB',
  min_wal_size: '256MB',
  checkpoint_timeout: '15min',
  wal_compression: 'on',
  autovacuum_naptime: '20s',
  autovacuum_vacuum_scale_factor: '0.05',
  autovacuum_vacuum_insert_scale_factor: '0.1',
  autovacuum_analyze_scale_factor: '0.05',
};
