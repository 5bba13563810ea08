/**
 * The server's settings, for a machine with two cores and 2 GB. They go on the command line, so that a new Heddle's
 * settings hold for an old cluster. fsync, full_page_writes and synchronous_commit keep their default: on.
 */
export const SERVER_SETTINGS: Readonly<Record<string, string>> = {
  cluster_name: 'heddle',
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '100',

  shared_buffers: '128MB',
  work_mem: '8MB',
  maintenance_work_mem: '64MB',
  // Requests are short and cores few: planning in parallel or compiling costs more than it saves.
  jit: 'off',
  max_parallel_workers_per_gather: '0',
  random_page_cost: '1.1',

  // Bounds the recovery after a kill, which a start waits for: two busy cores replayed 400 MB in 4 to 6 s, 1 GB in 17 s.
  max_wal_size: '512MB',
  min_wal_size: '256MB',
  checkpoint_timeout: '15min',
  wal_compression: 'on',

  // Tables that grow by inserts all day need fresh statistics and visibility maps before a fifth of them has changed.
  autovacuum_naptime: '20s',
  autovacuum_vacuum_scale_factor: '0.05',
  autovacuum_vacuum_insert_scale_factor: '0.1',
  autovacuum_analyze_scale_factor: '0.05',

  timezone: 'UTC',
  log_timezone: 'UTC',
  log_line_prefix: '%m [%p] ',
  // A statement's text, an error's detail and an error's values may name people: the server's own life is logged, no more.
  log_min_messages: 'log',
  log_min_error_statement: 'panic',
  log_error_verbosity: 'terse',
};

/** `-c name=value` for each. */
export function asArguments(settings: Readonly<Record<string, string>>): string[] {
  return Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}
