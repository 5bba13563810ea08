import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import type { LogPartition, WholeLog } from '../event-log/event-log.js';
import { PostgresEventLog } from '../event-log/postgres-event-log.js';
import { newId } from '../kernel/id.js';
import { migrate } from '../postgres/migrate.js';
import { packageRoot } from '../postgres/package-root.js';
import { LogWriter, type WrittenEvent } from '../testing/log-writer.js';
import { createTestDatabase } from '../testing/test-database.js';
import { EventOpener } from './event-opener.js';
import { messageCount } from './message-count.fixture.js';
import { type FollowerOptions, ProjectionFollower } from './projection-follower.js';
import type { ProjectionStatus } from './projection-runner.js';

/** A store with a log, the tables of `messageCount`, and everything that follows it, closed together. */
export async function openBench() {
  const database = await createTestDatabase();
  await migrate(
    database.url,
    ['analytics'],
    [
      { schema: 'log', folder: 'libs/platform/event-store/migrations' },
      { schema: 'analytics', folder: 'libs/platform/projections/migrations' },
    ],
  );
  const admin = new pg.Client({ connectionString: database.url });
  await admin.connect();
  await admin.query('set search_path = analytics, heddle, public');
  for (const file of messageCount.definition) await admin.query(await readFile(join(packageRoot, file), 'utf8'));
  const writer = await new LogWriter(database.url).connect();
  const log = new PostgresEventLog(database.url, 'heddle_log_writer');
  await log.start();
  const keys = { loadByIds: async () => new Map([[writer.key.id.toString('hex'), writer.key]]) };
  const opener = new EventOpener(writer.codec, keys);
  const followers: ProjectionFollower[] = [];
  const troubles: ProjectionStatus[] = [];

  return {
    url: database.url,
    admin,
    writer,
    log,
    opener,
    troubles,
    /** What rebuild and verify take. */
    replaying: { decoder: writer.codec, keys },
    follow(options: Partial<FollowerOptions> = {}): ProjectionFollower {
      const onTrouble = (status: ProjectionStatus) => void troubles.push(status);
      const defaults = { url: database.url, projections: [messageCount], log, opener, onTrouble };
      const follower = new ProjectionFollower({ ...defaults, ...options });
      followers.push(follower);
      follower.start();
      return follower;
    },
    async counted(): Promise<number> {
      const { rows } = await admin.query<{ sum: number }>(
        'select coalesce(sum(messages), 0)::integer as sum from analytics.message_count',
      );
      return rows[0]!.sum;
    },
    async cursor(): Promise<{ next: number; generation: number; diverged_at: Date | null }> {
      const { rows } = await admin.query("select * from analytics.projections where name = 'message_count'");
      return rows[0];
    },
    async deadLetters() {
      const { rows } = await admin.query('select * from analytics.dead_letters order by position');
      return rows;
    },
    async close(): Promise<void> {
      await Promise.all(followers.map((follower) => follower.close()));
      await Promise.all([log.close(), writer.close(), admin.end()]);
      await database.drop();
    },
  };
}

export type Bench = Awaited<ReturnType<typeof openBench>>;

/** A log that does some of its reading in another way. */
export function logWith(log: WholeLog, changed: Partial<Pick<LogPartition, 'read' | 'end'>>): WholeLog {
  const partition = { name: log.name, read: log.read.bind(log), end: log.end.bind(log), ...changed };
  return {
    ...partition,
    partitionsOf: async () => [partition],
    onAppend: (listener) => log.onAppend(listener),
  };
}

/** A message in a conversation by an author. */
export function message(stream: string, author = newId('usr')): WrittenEvent {
  const data = {
    message_id: newId('msg'),
    author: { type: 'user', id: author },
    channel: 'chat',
    type: 'text',
    text: 'hello',
    external_id: null,
  };
  return { type: 'message.created', stream, data };
}

export function messages(count: number, stream = newId('conv')): WrittenEvent[] {
  return Array.from({ length: count }, () => message(stream));
}
