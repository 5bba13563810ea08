import type pg from 'pg';
import type { EventLog, LogPartition } from '../event-log/event-log.js';
import { PostgresEventLog } from '../event-log/postgres-event-log.js';
import { newClient } from '../postgres/client.js';
import type { SqlStatement } from '../postgres/connection.js';
import { type EventDecoder, EventOpener, type KeyLoader } from './event-opener.js';
import { ProjectionFold } from './fold.js';
import type { Projection } from './projection.js';
import type { ReplaySource } from './replay.js';

/** What rebuild and verify are given beside the database and the projection. */
export interface ReplayOptions {
  decoder: EventDecoder;
  keys: KeyLoader;
  /** What a followed projection follows: the store's own event table when left out. An inline one is kept from that. */
  log?: EventLog;
  onProgress?: (progress: ReplayProgress) => void;
}

export interface ReplayProgress {
  /** `swap` and `compare` begin when little is left to replay. */
  phase: 'replay' | 'swap' | 'compare';
  /** Positions that were looked at, of all partitions together. */
  position: number;
  /** The log's end, or the live cursors, when this round began; of all partitions together. */
  end: number;
  events: number;
}

/** The sessions of one rebuild or verification; the first holds the lock that keeps others from the same tables. */
export interface ReplaySession {
  client: pg.Client;
  source: ReplaySource;
  /** Where its events lie. */
  partitions: readonly LogPartition[];
}

/** Runs `work` and closes everything after it. Throws when the projection is being rebuilt or verified already. */
export async function inReplaySession<T>(
  adminUrl: string,
  projection: Projection,
  { decoder, keys, log: followed }: ReplayOptions,
  work: (session: ReplaySession) => Promise<T>,
): Promise<T> {
  const client = replayClient(adminUrl, projection);
  const keyClient = replayClient(adminUrl, projection);
  const ownLog =
    followed === undefined || projection.inline ? new PostgresEventLog(adminUrl, 'heddle_log_writer') : null;
  try {
    await client.connect();
    await takeLock(client, projection);
    // What a crash takes from the shadow tables goes with them; the swap commits synchronously, and all before it.
    await client.query('set synchronous_commit = off');
    // A statement that was planned on the empty table must not scan it for every page.
    await client.query('set enable_seqscan = off; set enable_hashjoin = off; set enable_mergejoin = off');
    if (projection.personal) await keyClient.connect();
    const source = { projection, fold: new ProjectionFold(projection, new EventOpener(decoder, keys), keyClient) };
    const partitions = await (ownLog ?? followed!).partitionsOf(projection.types);
    return await work({ client, source, partitions });
  } finally {
    await Promise.allSettled([client.end(), projection.personal ? keyClient.end() : undefined, ownLog?.close()]);
  }
}

/** All of the statements or none, in one round trip; inside a transaction that is open, or in one of their own. */
export async function atomically(
  client: pg.Client,
  statements: readonly SqlStatement[],
  inside: 'own transaction' | 'open transaction',
): Promise<void> {
  const own = inside === 'own transaction';
  const answers = await Promise.allSettled([
    client.query(own ? 'begin' : 'savepoint batch'),
    ...statements.map((statement) => client.query(statement)),
    client.query(own ? 'commit' : 'release savepoint batch'),
  ]);
  const failed = answers.find((answer) => answer.status === 'rejected');
  if (failed === undefined) return;
  if (!own) await client.query('rollback to savepoint batch');
  throw (failed as PromiseRejectedResult).reason;
}

function replayClient(adminUrl: string, { name }: Projection): pg.Client {
  const client = newClient({
    connectionString: adminUrl,
    application_name: `heddle rebuild ${name}`,
    pipeline: true,
  });
  // The statement in flight rejects with it; without a listener it would end the process.
  client.on('error', () => undefined);
  return client;
}

async function takeLock(client: pg.Client, { service, name }: Projection): Promise<void> {
  const { rows } = await client.query<{ held: boolean }>(
    'select pg_try_advisory_lock(hashtextextended($1, 4851)) as held',
    [`heddle rebuild ${service}.${name}`],
  );
  if (!rows[0]!.held) throw new Error(`${name} is being rebuilt or verified already: wait for that to end.`);
}
