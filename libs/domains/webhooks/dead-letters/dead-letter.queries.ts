import { idToBytes, toId } from '../../../platform/kernel/id.js';
import { Problem } from '../../../platform/kernel/problem.js';
import type { PageQuery } from '../../../platform/reads/page.js';
import type { ReadPool } from '../../../platform/reads/read-pool.js';
import {
  type Resource,
  ResourceReads,
  type RowCondition,
  shownColumns,
  shownRow,
} from '../../../platform/reads/resource-reads.js';

const DEAD_LETTERS: Resource = {
  service: 'webhooks',
  table: 'webhook_dead_letters',
  prefix: 'wdl',
  noun: 'dead letter',
  columns: [
    'event_type',
    'event_stream',
    'event_position',
    'run',
    'attempts',
    'status',
    'cause',
    'skipped',
    'dead_lettered_at',
    'redriven_run',
    'redriven_at',
  ],
  ids: { endpoint_id: 'whe', event_id: 'evt' },
  derived: { endpoint_id: 'r.endpoint', event_id: 'r.event' },
};

/** Which are meant: all that is said holds. */
export interface LetterFilter {
  state?: 'waiting' | 'redriven' | undefined;
  ids?: readonly string[] | undefined;
  types?: readonly string[] | undefined;
  stream?: string | undefined;
  cause?: string | undefined;
  status?: number | undefined;
  since?: string | undefined;
  until?: string | undefined;
  fromPosition?: number | undefined;
  toPosition?: number | undefined;
}

export interface ShownLetter {
  id: string;
  event_position: number;
  redriven_run: number | null;
  pin: string;
}

/** Reads of dead letters; each sees one workspace. */
export class DeadLetterQueries {
  private readonly resources: ResourceReads;

  constructor(private readonly reads: ReadPool) {
    this.resources = new ResourceReads(reads, DEAD_LETTERS);
  }

  /** Those of the last events first. */
  list(workspace: string, endpoint: string, filter: LetterFilter, page: PageQuery): Promise<object> {
    return this.resources.list(workspace, undefined, page, {}, conditionOf(endpoint, filter));
  }

  /** Throws `not_found`. */
  async one(workspace: string, endpoint: string, id: string): Promise<ShownLetter> {
    const { rows } = await this.reads.query<ShownLetter>(workspace, {
      name: 'one of webhook_dead_letters',
      text: `select ${shownColumns(DEAD_LETTERS)}, r.pin from webhooks.webhook_dead_letters r
              where r.id = $1 and r.endpoint = $2`,
      values: [idToBytes(id), idToBytes(endpoint)],
    });
    const row = rows[0];
    if (row === undefined) throw new Problem('not_found', `There is no dead letter ${id} of this webhook endpoint.`);
    return shownRow(DEAD_LETTERS, row);
  }

  /** The first in the order of the log. */
  async idsOf(workspace: string, endpoint: string, filter: LetterFilter, limit: number): Promise<string[]> {
    const values: unknown[] = [limit];
    const where = conditionOf(endpoint, filter).sql((value) => `$${values.push(value)}`);
    const text = `select id from webhooks.webhook_dead_letters r where ${where} order by id limit $1`;
    const { rows } = await this.reads.slowly<{ id: string }>(workspace, { text, values });
    return rows.map(({ id }) => toId('wdl', id));
  }
}

/** As much as an endpoint did not take may have to be looked at for it. */
function conditionOf(endpoint: string, filter: LetterFilter): RowCondition {
  const { state, ids, types, stream, cause, status, since, until, fromPosition, toPosition } = filter;
  const comparisons: [string, unknown][] = [
    ['r.event_stream =', stream],
    ['r.cause =', cause],
    ['r.status =', status],
    ['r.dead_lettered_at >=', since],
    ['r.dead_lettered_at <', until],
    ['r.event_position >=', fromPosition],
    ['r.event_position <=', toPosition],
  ];
  return {
    asked: JSON.stringify([endpoint, state, ids, types, comparisons]),
    sql: (bind) =>
      [
        `r.endpoint = ${bind(idToBytes(endpoint))}`,
        ...(state === undefined ? [] : [`r.redriven_run is ${state === 'waiting' ? '' : 'not '}null`]),
        ...(ids === undefined ? [] : [`r.id = any (${bind(ids.map(hexOf))}::uuid[])`]),
        ...(types === undefined ? [] : [`r.event_type = any (${bind(types)}::text[])`]),
        ...comparisons.flatMap(([sql, value]) => (value === undefined ? [] : [`${sql} ${bind(value)}`])),
      ].join(' and '),
  };
}

function hexOf(id: string): string {
  return idToBytes(id).toString('hex');
}
