import type { SqlStatement } from '../postgres/connection.js';

/** What the key store needs of a database session: a `Connection`, or a client or pool of `pg`. */
export interface KeyDatabase {
  query(statement: SqlStatement): Promise<{ rows: Record<string, unknown>[] }>;
}
