import { idToBytes } from '../../../platform/kernel/id.js';
import { Problem } from '../../../platform/kernel/problem.js';
import type { PageQuery } from '../../../platform/reads/page.js';
import type { ReadPool } from '../../../platform/reads/read-pool.js';
import { type Resource, ResourceReads, shownColumns, shownRow } from '../../../platform/reads/resource-reads.js';

const ENDPOINTS: Resource = {
  service: 'webhooks',
  table: 'webhook_endpoints',
  prefix: 'whe',
  noun: 'webhook endpoint',
  columns: [
    'url',
    'description',
    'disabled_reason',
    'types',
    'pin',
    'ordered',
    'concurrency',
    'rate_limit',
    'retry_schedule',
    'signatures',
    'body_signature_header',
    'header_names',
    'client_certificate_sha256',
    'created_at',
    'updated_at',
  ],
  derived: {
    enabled: 'r.disabled_reason is null',
    filter: 'r.filter::json',
    previous_secret_until: 'r.previous_until',
    failing_since: '(select h.failing_since from webhooks.health h where h.endpoint = r.id)',
  },
};

/** What is kept of an endpoint's secrets. */
export interface SealedRow {
  sealed: string;
  /** When the secret before ends to sign; null where there is none. */
  previous_until: string | null;
  body_signature_header: string | null;
  version: number;
}

/** Reads of endpoints that are not deleted; each sees one workspace. */
export class EndpointQueries {
  private readonly resources: ResourceReads;

  constructor(private readonly reads: ReadPool) {
    this.resources = new ResourceReads(reads, ENDPOINTS);
  }

  /** Throws `not_found`. */
  async one(workspace: string, id: string): Promise<{ body: object; version: number }> {
    const { rows } = await this.reads.query<{ id: string; version: number }>(workspace, {
      name: 'one of webhook_endpoints',
      text: `select ${shownColumns(ENDPOINTS)}, s.version
               from webhooks.webhook_endpoints r join log.streams s on s.stream = r.id
              where r.id = $1 and not r.deleted`,
      values: [idToBytes(id)],
    });
    const row = rows[0];
    if (row === undefined) throw noSuchEndpoint(id);
    const { version, ...shown } = row;
    return { body: shownRow(ENDPOINTS, shown), version };
  }

  /** The last made here first. */
  list(workspace: string, enabled: 'true' | 'false' | undefined, page: PageQuery): Promise<object> {
    return this.resources.list(workspace, undefined, page, {
      'r.deleted =': false,
      '(r.disabled_reason is null) =': enabled,
    });
  }

  /** Throws `not_found`. */
  async sealedOf(workspace: string, id: string): Promise<SealedRow> {
    const { rows } = await this.reads.query<SealedRow>(workspace, {
      name: 'sealed_of_webhook_endpoint',
      text: `select r.sealed, r.previous_until, r.body_signature_header, s.version
               from webhooks.webhook_endpoints r join log.streams s on s.stream = r.id
              where r.id = $1 and not r.deleted`,
      values: [idToBytes(id)],
    });
    const row = rows[0];
    if (row === undefined) throw noSuchEndpoint(id);
    return row;
  }

  async count(workspace: string): Promise<number> {
    const { rows } = await this.reads.query<{ count: number }>(workspace, {
      name: 'count_webhook_endpoints',
      text: 'select count(*)::integer as count from webhooks.webhook_endpoints where workspace = $1 and not deleted',
      values: [idToBytes(workspace)],
    });
    return rows[0]!.count;
  }
}

function noSuchEndpoint(id: string): Problem {
  return new Problem('not_found', `There is no webhook endpoint ${id} in this workspace.`);
}
