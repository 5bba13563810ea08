import type { SqlStatement } from '../../../platform/postgres/connection.js';
import { arraysOf, type Columns, count, int8, text, unnest, uuid } from '../../../platform/projections/column.js';

/** A row of `fresh` that is about to be. */
export interface FreshRow {
  endpoint: string;
  run: number;
  position: number;
  workspace: string;
  stream: string;
  pin: string;
}

const FRESH: Columns<FreshRow> = {
  endpoint: uuid(({ endpoint }) => endpoint),
  run: count(({ run }) => run),
  position: int8(({ position }) => position),
  workspace: uuid(({ workspace }) => workspace),
  stream: uuid(({ stream }) => stream),
  pin: text(({ pin }) => pin),
};

const INSERT = `
  insert into webhooks.fresh (${Object.keys(FRESH).join(', ')})
  select * from ${unnest(FRESH)} on conflict do nothing`;

export function insertFresh(rows: readonly FreshRow[]): SqlStatement {
  return { name: 'insert fresh', text: INSERT, values: arraysOf(FRESH, rows) };
}
