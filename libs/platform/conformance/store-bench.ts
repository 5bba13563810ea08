import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { identifyStore } from '../event-store/epoch.js';
import { type MigrationSet, migrate } from '../postgres/migrate.js';
import { packageRoot } from '../postgres/package-root.js';
import type { KeyLoader } from '../projections/event-opener.js';
import { LogWriter } from '../testing/log-writer.js';
import { createTestDatabase, type TestDatabase } from '../testing/test-database.js';
import type { AnotherWriter } from './engine-under-test.js';
import type { MadeEvent } from './made-events.js';

const TABLES = ['witness.sql', 'tally.sql'].map((file) => `libs/platform/conformance/${file}`);

/** What an installation has on every engine: a store, and a service with cursors, dead letters and a read model. */
export class StoreBench {
  private readonly closers: (() => Promise<unknown>)[] = [];

  private constructor(
    private readonly database: TestDatabase,
    readonly admin: pg.Client,
    readonly writer: LogWriter,
  ) {}

  static async open(services: readonly string[] = [], sets: readonly MigrationSet[] = []): Promise<StoreBench> {
    const database = await createTestDatabase();
    await migrate(
      database.url,
      ['analytics', ...services],
      [
        { schema: 'log', folder: 'libs/platform/event-store/migrations' },
        { schema: 'analytics', folder: 'libs/platform/projections/migrations' },
        ...sets,
      ],
    );
    const admin = new pg.Client({ connectionString: database.url });
    await admin.connect();
    await admin.query('set search_path = analytics, heddle, public');
    for (const file of TABLES) await admin.query(await readFile(join(packageRoot, file), 'utf8'));
    await identifyStore({ query: (statement) => admin.query(statement) });
    const writer = await new LogWriter(database.url).connect();
    return new StoreBench(database, admin, writer);
  }

  /** The key that every personal field is sealed with, and no other. */
  get keys(): KeyLoader {
    const { key } = this.writer;
    return { loadByIds: async () => new Map([[key.id.toString('hex'), key]]) };
  }

  get url(): string {
    return this.database.url;
  }

  /** Closed before the store is, the last one first. */
  closeFirst(close: () => Promise<unknown>): void {
    this.closers.unshift(close);
  }

  async commit(writer: LogWriter, events: readonly MadeEvent[]): Promise<number[]> {
    const last = await writer.appendEncoded(events);
    return events.map((_, i) => last - events.length + 1 + i);
  }

  async anotherWriter(): Promise<AnotherWriter> {
    const writer = await new LogWriter(this.url, this.writer.workspace).connect();
    const client = new pg.Client({ connectionString: this.url });
    await client.connect();
    this.closeFirst(() => Promise.all([writer.close(), client.end()]));
    return {
      append: (events) => this.commit(writer, events),
      abort: async (events) => {
        await client.query('begin');
        await client.query('select pg_advisory_xact_lock(4851, 1)');
        await client.query(
          `insert into log.events
             select (select coalesce(max(position), 0) from log.events) + n, gen_random_uuid(), gen_random_uuid(), 1,
                    e.type, now(), e.fingerprint, e.payload
               from unnest($1::text[], $2::bytea[], $3::bytea[])
                    with ordinality e(type, fingerprint, payload, n)`,
          [events.map(({ type }) => type), events.map((e) => e.fingerprint), events.map(({ payload }) => payload)],
        );
        await client.query('rollback');
      },
    };
  }

  async close(): Promise<void> {
    for (const close of this.closers) await close();
    await Promise.all([this.admin.end(), this.writer.close()]);
    await this.database.drop();
  }
}
