import type { Client } from 'pg';
import type { AppendCounts } from '../commands/group-append.js';
import type { WriteShell, WriteShellOptions } from '../commands/write-shell.js';
import type { InboundTopics } from '../consumers/inbound-topics.js';
import type { WholeLog } from '../event-log/event-log.js';
import type { Feed } from '../feed/feed.js';
import type { StreamHistory } from '../feed/stream-history.js';
import type { TicketDesk } from '../http/ticket-desk.js';
import type { LiveStreams } from '../live/live-streams.js';
import type { Figures } from '../observability/figures.js';
import type { Invoker } from '../operations/invoker.js';
import type { Connection } from '../postgres/connection.js';
import type { Follower } from '../projections/follower.js';
import type { ReadPool } from '../reads/read-pool.js';
import type { WebhookSettings } from '../settings/webhook-variables.js';

/** What a service gives its domains: the way to write, and the ways to read. */
export interface ServicePorts {
  shell: WriteShell;
  /** What the shell is made with, but for its session: for what appends many events that no decision of a stream's is about. */
  writing: WritePorts;
  /** A session for that, which nothing else uses; closed with the process. */
  openAppend(what: string): Connection;
  /** A session for what the service does by itself, of all workspaces; closed with the process. */
  openSession(what: string, options?: SessionOptions): Connection;
  /** Requests' reads: one workspace each. */
  reads: ReadPool;
  /** The service's own reads of all workspaces: for the root key only. */
  installation: Connection;
  history: StreamHistory;
  /** All events, as every public transport of them reads them. */
  feed: Feed;
  /** The same as a log that is followed: all events in the store's order. */
  feedLog: WholeLog;
  /** Where tickets are taken in place of keys. */
  ticketDesk: TicketDesk;
  /** What is read on as it happens. */
  live: LiveStreams;
  /** Whether an API key was revoked, by its id. */
  isRevoked(key: string): boolean;
  /** What `/metrics` says of it, beside what is said of every service. */
  figures: Figures;
  /** What it has to say to whoever runs it: ids only. */
  log: Record<'warn' | 'error', (detail: object, message: string) => void>;
  /** The operations of this process, those of other domains too. */
  invoker: Invoker;
  /** What others write to Kafka for it; null where there is no Kafka, or nobody may. */
  inbound: InboundTopics | null;
  /** Where it may send to when a workspace says so, and for how long what was sent is kept. */
  webhooks: WebhookSettings;
  /** Its followed projections; null where it has none. */
  follower: Follower | null;
  /**
   * Waits until a followed projection includes a cursor; at once without one. Throws `invalid_cursor`,
   * `cursor_diverged`, and `unavailable` where it takes longer than 5 s.
   */
  caughtUp(projection: string, cursor: string | undefined): Promise<void>;
}

export interface SessionOptions {
  parameters?: Record<string, string>;
  /** A statement that has no answer for this long ends the session; ms. */
  answerWithin?: number;
  /** Runs on every new session before it is used. */
  onSession?: (client: Client) => Promise<void>;
}

export interface WritePorts extends Omit<WriteShellOptions, 'append' | 'reidentify'> {
  /** What was appended so, for the metrics of the process. */
  beside: AppendCounts;
  /** Asks anew who the store is, by a session that nothing else uses meanwhile. */
  reidentify(session: Connection): Promise<void>;
}

/** The token under which a service's ports are injected. */
export function portsOf(service: string): string {
  return `heddle ports of ${service}`;
}
