import { toId } from '../../../platform/kernel/id.js';
import { idArray } from '../../../platform/postgres/binary-array.js';
import type { Connection, SqlStatement } from '../../../platform/postgres/connection.js';
import { arraysOf, type Columns, int8, text, unnest, uuid } from '../../../platform/projections/column.js';
import type { EndpointState } from '../endpoints/endpoint.state.js';
import type { RouteRow } from './routes.js';

const ROUTES: Columns<RouteRow> = {
  endpoint: uuid(({ endpoint }) => endpoint),
  workspace: uuid(({ workspace }) => workspace),
  state: text(({ state }) => JSON.stringify(state)),
  position: int8(({ position }) => position),
};

const KEEP = `
  insert into webhooks.routes as t (${Object.keys(ROUTES).join(', ')})
  select * from ${unnest(ROUTES)} order by 1
  on conflict (endpoint) do update set state = excluded.state, position = excluded.position
    where excluded.position > t.position`;

export function keepRoutes(rows: readonly RouteRow[]): SqlStatement {
  return { name: 'keep routes', text: KEEP, values: arraysOf(ROUTES, rows) };
}

/** Those that were changed by an event after a position. */
export async function readRoutes(connection: Pick<Connection, 'query'>, after: number): Promise<RouteRow[]> {
  const { rows } = await connection.query<{ endpoint: string; workspace: string; state: string; position: number }>({
    name: 'read routes',
    text: 'select endpoint, workspace, state, position from webhooks.routes where position > $1',
    values: [after],
  });
  return rows.map(({ endpoint, workspace, state, position }) => ({
    endpoint: toId('whe', endpoint),
    workspace: toId('wsp', workspace),
    state: JSON.parse(state) as EndpointState,
    position: Number(position),
  }));
}

/** Those of the endpoints that have no row any more. */
export async function goneOf(connection: Pick<Connection, 'query'>, endpoints: readonly string[]): Promise<string[]> {
  const { rows } = await connection.query<{ endpoint: string }>({
    name: 'gone routes',
    text: `select a.endpoint from unnest($1::uuid[]) a(endpoint)
            where not exists (select from webhooks.routes r where r.endpoint = a.endpoint)`,
    values: [idArray(endpoints)],
  });
  return rows.map(({ endpoint }) => toId('whe', endpoint));
}

/** Removes the rows of deleted endpoints; that of one with a replay which is yet to be cancelled stays. Returns whose are gone. */
export async function removeRoutes(
  connection: Pick<Connection, 'query'>,
  endpoints: readonly string[],
): Promise<string[]> {
  const { rows } = await connection.query<{ endpoint: string }>({
    name: 'remove routes',
    text: `delete from webhooks.routes r
            where r.endpoint = any ($1::uuid[])
              and not exists (select from webhooks.webhook_replays p where p.endpoint = r.endpoint and p.status = 'running')
           returning endpoint`,
    values: [idArray(endpoints)],
  });
  return rows.map(({ endpoint }) => toId('whe', endpoint));
}
