import type { Connection } from '../../platform/postgres/connection.js';
import type { PageQuery } from '../../platform/reads/page.js';
import { pageOfResources, type ResourceTable } from '../../platform/reads/resource-reads.js';

const WORKSPACES: ResourceTable = {
  service: 'access',
  table: 'workspaces',
  prefix: 'wsp',
  columns: ['name', 'external_id', 'created_at', 'updated_at'],
};

const API_KEYS: ResourceTable = {
  service: 'access',
  table: 'api_keys',
  prefix: 'key',
  columns: ['name', 'scopes', 'created_at', 'revoked_at'],
};

/** Reads of the whole installation, for the root key. */
export class AccessQueries {
  constructor(private readonly installation: Connection) {}

  workspaces(externalId: string | undefined, page: PageQuery): Promise<object> {
    return pageOfResources(this.installation, WORKSPACES, { workspace: null, externalId }, page);
  }

  async apiKeys(workspace: string, page: PageQuery): Promise<object> {
    const { data, next_cursor } = await pageOfResources(this.installation, API_KEYS, { workspace }, page);
    return { data: data.map((key) => ({ ...key, workspace_id: workspace })), next_cursor };
  }
}
