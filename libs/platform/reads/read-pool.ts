import type { QueryResult, QueryResultRow } from 'pg';
import { idToBytes } from '../kernel/id.js';
import { Turns } from '../kernel/turns.js';
import { Connection, type SqlStatement } from '../postgres/connection.js';

/** Of the sessions that slow reads have, and of them those of one workspace. */
const SLOW = 3;
const SLOW_OF_ONE = 2;

/**
 * The sessions that answer requests' reads: each under the service's reader role, with row-level security forced and
 * set to the request's workspace. Pipelined, so a few sessions serve many requests; what may take long has sessions of its
 * own, one read at a time each, so that nothing waits behind it but its like.
 */
export class ReadPool {
  private readonly connections: Connection[];
  /** Connected when they are first needed. */
  private readonly slow: Connection[];
  private readonly free: Connection[];
  private readonly turns = new Turns(SLOW, SLOW_OF_ONE);
  private next = 0;

  constructor(url: string, service: string, size = 4) {
    const sessions = (length: number, kind: string) =>
      Array.from(
        { length },
        (_, i) =>
          new Connection({
            url,
            role: `heddle_${service}_reader`,
            applicationName: `heddle ${service} ${kind} ${i + 1}`,
            parameters: { statement_timeout: '5s', default_transaction_read_only: 'on' },
          }),
      );
    this.connections = sessions(size, 'read');
    this.slow = sessions(SLOW, 'slow read');
    this.free = [...this.slow];
  }

  async ready(): Promise<void> {
    await Promise.all(this.connections.map((connection) => connection.ready()));
  }

  /** Sees the rows of one workspace, `wsp_…`. */
  query<Row extends QueryResultRow>(workspace: string, statement: SqlStatement): Promise<QueryResult<Row>> {
    return this.idle().queryAs<Row>(idToBytes(workspace).toString('hex'), statement);
  }

  /** The same for a read whose time grows with what a workspace holds: waits for its turn. */
  async slowly<Row extends QueryResultRow>(workspace: string, statement: SqlStatement): Promise<QueryResult<Row>> {
    const end = await this.turns.take(workspace);
    const session = this.free.pop()!;
    try {
      return await session.queryAs<Row>(idToBytes(workspace).toString('hex'), statement);
    } finally {
      this.free.push(session);
      end();
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.connections, ...this.slow].map((connection) => connection.close()));
  }

  /** The session with the least to do; round robin among equals, so that Postgres's processes share the work. */
  private idle(): Connection {
    const { connections } = this;
    this.next = (this.next + 1) % connections.length;
    let best = connections[this.next]!;
    for (const connection of connections) if (connection.busy < best.busy) best = connection;
    return best;
  }
}
