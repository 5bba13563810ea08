import type { Connection } from '../postgres/connection.js';

/** The store's id, 32 hex digits. Throws while no service has been started on the store, and while Postgres is away. */
export type StoreId = () => Promise<string>;

/** Asks for the id until it is there, and once more never. */
export function storeIdOf(connection: Pick<Connection, 'query'>): StoreId {
  let known: string | null = null;
  return async () => {
    if (known !== null) return known;
    const { rows } = await connection.query<{ id: string }>({ text: 'select id from log.store' });
    if (rows[0] === undefined) throw new Error('The store has no id yet: no service has been started on it.');
    known = rows[0].id.replaceAll('-', '');
    return known;
  };
}
