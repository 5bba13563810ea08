import type { QueryResultRow } from 'pg';
import { type IdPrefix, idToBytes, toId } from '../kernel/id.js';
import { Problem } from '../kernel/problem.js';
import type { SqlStatement } from '../postgres/connection.js';
import { ListCursor } from './list-cursor.js';
import { type PageQuery, toPage } from './page.js';
import type { ReadPool } from './read-pool.js';

/** A table with a row a resource, keyed by `id`; a row is shown as it is, under the prefix of its id. */
export interface ResourceTable {
  /** The service that owns it: its Postgres schema. */
  service: string;
  /** Also the list's name in its cursors. */
  table: string;
  prefix: IdPrefix;
  /** Beside `id`, in the order in which they are shown. */
  columns: readonly string[];
  /** The columns among them that hold uuids of other things, with the prefix under which they are shown. */
  ids?: Readonly<Record<string, IdPrefix>>;
  /** What is shown after them and is no column of the table: SQL by its name, of the row `r`. */
  derived?: Readonly<Record<string, string>>;
}

export interface Resource extends ResourceTable {
  /** What a sentence calls it: "There is no customer …". */
  noun: string;
}

export interface ResourceFilters {
  /** `wsp_…`; null for a list over all of them. */
  workspace: string | null;
  externalId?: string | undefined;
  /** Values by the SQL before them, such as `company_id =`, or around them, as a `?`; what is undefined is no condition. */
  more?: Readonly<Record<string, unknown>>;
  condition?: RowCondition | undefined;
}

/** A condition on a row `r` that takes as many values as it likes. */
export interface RowCondition {
  /** What was asked: a cursor of one condition is none of another. */
  asked: string;
  /** `bind` puts a value among the statement's parameters, and gives the SQL for it. */
  sql(bind: (value: unknown) => string): string;
}

interface ResourceRow {
  id: string;
}

/** A row as it is shown: each of its uuids under a prefix. */
export function shownRow<Row extends ResourceRow>({ prefix, ids = {} }: ResourceTable, row: Row): Row {
  const prefixes: Readonly<Record<string, IdPrefix>> = { ...ids, id: prefix };
  const shown = ([column, value]: [string, unknown]) => {
    const of = prefixes[column];
    return [column, of !== undefined && typeof value === 'string' ? toId(of, value) : value];
  };
  return Object.fromEntries(Object.entries(row).map(shown)) as Row;
}

/** Reads of one kind of resource; each sees one workspace. */
export class ResourceReads {
  constructor(
    private readonly reads: ReadPool,
    private readonly resource: Resource,
  ) {}

  /** Throws `not_found`. */
  async one(workspace: string, id: string): Promise<{ body: object; version: number }> {
    const { service, table, noun } = this.resource;
    const { rows } = await this.reads.query<ResourceRow & { stream_version: number }>(workspace, {
      name: `one of ${table}`,
      text: `select ${shownColumns(this.resource)}, s.version as stream_version
               from ${service}.${table} r join log.streams s on s.stream = r.id where r.id = $1`,
      values: [idToBytes(id)],
    });
    const row = rows[0];
    if (row === undefined) throw new Problem('not_found', `There is no ${noun} ${id} in this workspace.`);
    const { stream_version: version, ...shown } = row;
    return { body: shownRow(this.resource, shown), version };
  }

  /** A page of all, or of those that another system gave an id, the last made here first. */
  list(
    workspace: string,
    externalId: string | undefined,
    page: PageQuery,
    more?: Readonly<Record<string, unknown>>,
    condition?: RowCondition,
  ): Promise<object> {
    const query = <Row extends QueryResultRow>(statement: SqlStatement) =>
      condition === undefined
        ? this.reads.query<Row>(workspace, statement)
        : this.reads.slowly<Row>(workspace, statement);
    return pageOfResources({ query }, this.resource, { workspace, externalId, condition, ...(more && { more }) }, page);
  }
}

/** SQL of all that is shown of a row `r`. */
export function shownColumns({ columns, derived = {} }: ResourceTable): string {
  const names = ['id', ...columns].map((column) => `r.${column}`);
  return [...names, ...Object.entries(derived).map(([name, sql]) => `${sql} as "${name}"`)].join(', ');
}

interface RowSource {
  query<Row extends QueryResultRow>(statement: SqlStatement): Promise<{ rows: Row[] }>;
}

/**
 * A page of a list, the last made here first. The statement has the conditions that the request has: one plan for a filter that
 * may be missing would not use its index.
 */
export async function pageOfResources(
  source: RowSource,
  resource: ResourceTable,
  { workspace, externalId, more = {}, condition }: ResourceFilters,
  { limit, cursor }: PageQuery,
): Promise<{ data: ResourceRow[]; next_cursor: string | null }> {
  const { service, table, prefix } = resource;
  const list = new ListCursor(table, workspace, { externalId, ...more, condition: condition?.asked });
  const conditions = Object.entries({
    'workspace =': workspace === null ? undefined : idToBytes(workspace),
    'external_id =': externalId,
    ...more,
    'id <': list.decode(cursor, 16) ?? undefined,
  }).filter(([, value]) => value !== undefined);
  const values: unknown[] = [limit + 1];
  const bind = (value: unknown) => `$${values.push(value)}`;
  const where = conditions.map(([sql, value]) => (sql.includes('?') ? sql : `${sql} ?`).replace('?', bind(value)));
  if (condition !== undefined) where.push(condition.sql(bind));
  const { rows } = await source.query<ResourceRow>({
    text: `select ${shownColumns(resource)} from ${service}.${table} r
            ${where.length === 0 ? '' : `where ${where.join(' and ')}`} order by id desc limit $1`,
    values,
  });
  const shown = (row: ResourceRow) => shownRow(resource, row);
  return toPage(rows, limit, shown, (last) => list.encode(idToBytes(toId(prefix, last.id))));
}
