import { idToBytes, toId } from '../../platform/kernel/id.js';
import type { Connection } from '../../platform/postgres/connection.js';
import { ListCursor } from '../../platform/reads/list-cursor.js';
import { type PageQuery, toPage } from '../../platform/reads/page.js';

interface WorkspaceRow {
  id: string;
  name: string;
  external_id: string | null;
  created_at: string;
  updated_at: string;
}

interface ApiKeyRow {
  id: string;
  workspace: string;
  name: string;
  scopes: string[];
  created_at: string;
  revoked_at: string | null;
}

/** Reads of the whole installation, for the root key. */
export class AccessQueries {
  constructor(private readonly installation: Connection) {}

  async workspaces(externalId: string | undefined, { limit, cursor }: PageQuery): Promise<object> {
    const list = new ListCursor('workspaces', null, { externalId });
    const { rows } = await this.installation.query<WorkspaceRow>({
      name: 'workspaces',
      text: `select id, name, external_id, created_at, updated_at from access.workspaces
              where ($1::uuid is null or id < $1) and ($2::text is null or external_id = $2)
              order by id desc limit $3`,
      values: [list.decode(cursor, 16), externalId ?? null, limit + 1],
    });
    const item = (row: WorkspaceRow) => ({ ...row, id: toId('wsp', row.id) });
    return toPage(rows, limit, item, (last) => list.encode(idToBytes(toId('wsp', last.id))));
  }

  async apiKeys(workspace: string, { limit, cursor }: PageQuery): Promise<object> {
    const list = new ListCursor('api_keys', workspace);
    const { rows } = await this.installation.query<ApiKeyRow>({
      name: 'api_keys',
      text: `select id, workspace, name, scopes, created_at, revoked_at from access.api_keys
              where workspace = $1 and ($2::uuid is null or id < $2) order by id desc limit $3`,
      values: [idToBytes(workspace), list.decode(cursor, 16), limit + 1],
    });
    const item = ({ workspace: owner, ...row }: ApiKeyRow) => ({
      ...row,
      id: toId('key', row.id),
      workspace_id: toId('wsp', owner),
    });
    return toPage(rows, limit, item, (last) => list.encode(idToBytes(toId('key', last.id))));
  }
}
