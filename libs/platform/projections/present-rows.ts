import type { SqlStatement } from '../postgres/connection.js';
import { arraysOf, type Columns, flag, unnest } from './column.js';

/** Whether a row is there, as a batch leaves it. */
export interface PresentRow {
  isThere: boolean;
}

/**
 * The statement that brings a table to where the last word on each row takes it: those that are to be there are, those
 * that are not are gone. `columns` begins with those of the primary key, as many as `keyColumns`.
 */
export function presentRows<Row extends PresentRow>(
  target: string,
  columns: Columns<Row>,
  keyColumns: number,
  rows: Iterable<Row>,
): SqlStatement {
  const names = Object.keys(columns);
  const sent: Columns<Row> = { ...columns, is_there: flag(({ isThere }) => isThere) };
  const same = names.slice(0, keyColumns).map((name) => `r.${name} = e.${name}`);
  return {
    name: `present ${target}`,
    text: `with e as (select * from ${unnest(sent)}),
                gone as (delete from ${target} r using e where not e.is_there and ${same.join(' and ')})
           insert into ${target} (${names.join(', ')})
           select ${names.join(', ')} from e where is_there on conflict do nothing`,
    values: arraysOf(sent, [...rows]),
  };
}
