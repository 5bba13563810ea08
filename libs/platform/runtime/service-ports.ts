import type { WriteShell } from '../commands/write-shell.js';
import type { StreamHistory } from '../feed/stream-history.js';
import type { LiveStreams } from '../live/live-streams.js';
import type { Invoker } from '../operations/invoker.js';
import type { Connection } from '../postgres/connection.js';
import type { Follower } from '../projections/follower.js';
import type { ReadPool } from '../reads/read-pool.js';

/** What a service gives its domains: the way to write, and the ways to read. */
export interface ServicePorts {
  shell: WriteShell;
  /** Requests' reads: one workspace each. */
  reads: ReadPool;
  /** The service's own reads of all workspaces: for the root key only. */
  installation: Connection;
  history: StreamHistory;
  /** What is read on as it happens. */
  live: LiveStreams;
  /** Whether an API key was revoked, by its id. */
  isRevoked(key: string): boolean;
  /** What it has to say to whoever runs it: ids only. */
  log: { warn(detail: object, message: string): void };
  /** The operations of this process, those of other domains too. */
  invoker: Invoker;
  /** Its followed projections; null where it has none. */
  follower: Follower | null;
  /**
   * Waits until a followed projection includes a cursor; at once without one. Throws `invalid_cursor`,
   * `cursor_diverged`, and `unavailable` where it takes longer than 5 s.
   */
  caughtUp(projection: string, cursor: string | undefined): Promise<void>;
}

/** The token under which a service's ports are injected. */
export function portsOf(service: string): string {
  return `heddle ports of ${service}`;
}
