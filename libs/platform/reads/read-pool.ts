import type { QueryResult, QueryResultRow } from 'pg';
import { idToBytes } from '../kernel/id.js';
import { Connection, type SqlStatement } from '../postgres/connection.js';

/**
 * The sessions that answer requests' reads: each under the service's reader role, with row-level security forced and
 * set to the request's workspace. Pipelined, so a few sessions serve many requests.
 */
export class ReadPool {
  private readonly connections: Connection[];
  private next = 0;

  constructor(url: string, service: string, size = 4) {
    this.connections = Array.from(
      { length: size },
      (_, i) =>
        new Connection({
          url,
          role: `heddle_${service}_reader`,
          applicationName: `heddle ${service} read ${i + 1}`,
          parameters: { statement_timeout: '5s', default_transaction_read_only: 'on' },
        }),
    );
  }

  async ready(): Promise<void> {
    await Promise.all(this.connections.map((connection) => connection.ready()));
  }

  /** Sees the rows of one workspace, `wsp_…`. */
  query<Row extends QueryResultRow>(workspace: string, statement: SqlStatement): Promise<QueryResult<Row>> {
    return this.idle().queryAs<Row>(idToBytes(workspace).toString('hex'), statement);
  }

  async close(): Promise<void> {
    await Promise.all(this.connections.map((connection) => connection.close()));
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
