import pg from 'pg';
import { AppModule } from '../../apps/heddle/app.module.js';
import { domainsOf } from '../../libs/platform/runtime/domain-module.js';

/** When something was written down, and so of one installation alone. */
const WRITTEN_DOWN: Readonly<Record<string, readonly string[]>> = {
  'access.workspaces': ['created_at', 'updated_at'],
  'conversation.messages': ['recorded_at'],
  // An import takes several lines at once, and the first that names a person makes them, at its own time.
  'conversation.customers': ['created_at', 'updated_at'],
  'conversation.users': ['created_at', 'updated_at'],
  // So may their places in the log be others.
  'conversation.activities': ['position', 'recorded_at'],
  'events.entries': ['position', 'recorded_at'],
  'events.spans': ['first_recorded_at', 'last_recorded_at'],
  'webhooks.facts': ['position'],
};

/** For each kind of thing that has an id of the installation: what it is called in every installation. */
const NAMES = `
  select id, 'workspace ' || external_id as name from access.workspaces
  union all select id, 'customer ' || workspace || ' ' || external_id from conversation.customers
  union all select id, 'user ' || workspace || ' ' || external_id from conversation.users
  union all select conversation, 'conversation ' || workspace || ' ' || external_id from conversation.conversations
  union all select message, 'message ' || conversation || ' ' || external_id from conversation.messages`;

const ID = /(?:[a-z]+_)?([0-9a-f]{8})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{12})/g;

/** The words of a search's document begin with the end of their workspace's id. */
function withoutWorkspace(row: string): string {
  const end = /"workspace": "[^"]*([0-9a-f]{4})"/.exec(row)?.[1];
  return end === undefined ? row : row.replaceAll(new RegExp(`(?<=[" ])'${end}`, 'g'), "'");
}

/**
 * The rows of every read model as texts, sorted, by table: ids are replaced by external ids, and times of writing left
 * out, so that those of two installations with the same history are the same.
 */
export async function readModelRows(databaseUrl: string): Promise<Map<string, string[]>> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const { rows: named } = await client.query<{ id: string; name: string }>(NAMES);
    const names = new Map(named.map(({ id, name }) => [id, name]));
    const nameOf = (text: string): string =>
      text.replaceAll(ID, (found, ...parts: string[]) => {
        const name = names.get(parts.slice(0, 5).join('-'));
        return name === undefined ? found : `<${nameOf(name)}>`;
      });
    const tables = new Map<string, string[]>();
    for (const { service, projections } of domainsOf(AppModule)) {
      for (const table of projections.flatMap((projection) => projection.tables.map((one) => `${service}.${one}`))) {
        const { rows } = await client.query<{ row: string }>(
          `select (to_jsonb(t) - $1::text[])::text as row from ${table} t`,
          [WRITTEN_DOWN[table] ?? []],
        );
        const shown = table === 'conversation.search_texts' ? withoutWorkspace : (row: string) => row;
        tables.set(table, rows.map(({ row }) => nameOf(shown(row))).sort());
      }
    }
    return tables;
  } finally {
    await client.end();
  }
}
