import {
  boolArray,
  byteaArray,
  float8Array,
  idArray,
  int4Array,
  int8Array,
  textArray,
  timestampArray,
} from '../postgres/binary-array.js';

/** A column of many rows, which goes to Postgres as one array. */
export interface Column<Row> {
  type: string;
  encode(rows: readonly Row[]): Buffer;
}

/** By name, in the order of the statement's parameters. */
export type Columns<Row> = Readonly<Record<string, Column<Row>>>;

/** Of prefixed ids. */
export const uuid = <Row>(of: (row: Row) => string | null): Column<Row> => ({
  type: 'uuid',
  encode: (rows) => idArray(rows.map(of)),
});

export const text = <Row>(of: (row: Row) => string | null): Column<Row> => ({
  type: 'text',
  encode: (rows) => textArray(rows.map(of)),
});

/** Of milliseconds since 1970. */
export const time = <Row>(of: (row: Row) => number | null): Column<Row> => ({
  type: 'timestamptz',
  encode: (rows) => timestampArray(rows.map(of)),
});

export const count = <Row>(of: (row: Row) => number | null): Column<Row> => ({
  type: 'integer',
  encode: (rows) => int4Array(rows.map(of)),
});

/** Of safe integers. */
export const int8 = <Row>(of: (row: Row) => number | null): Column<Row> => ({
  type: 'bigint',
  encode: (rows) => int8Array(rows.map(of)),
});

export const real = <Row>(of: (row: Row) => number | null): Column<Row> => ({
  type: 'double precision',
  encode: (rows) => float8Array(rows.map(of)),
});

export const flag = <Row>(of: (row: Row) => boolean): Column<Row> => ({
  type: 'boolean',
  encode: (rows) => boolArray(rows.map(of)),
});

export const bytes = <Row>(of: (row: Row) => Buffer | null): Column<Row> => ({
  type: 'bytea',
  encode: (rows) => byteaArray(rows.map(of)),
});

/** The rows as a statement's table `e`, whose columns are `$1`, `$2` and so on. */
export function unnest<Row>(columns: Columns<Row>): string {
  const parameters = Object.values(columns).map(({ type }, i) => `$${i + 1}::${type}[]`);
  return `unnest(${parameters.join(', ')}) e(${Object.keys(columns).join(', ')})`;
}

/** The parameters that `unnest` takes. */
export function arraysOf<Row>(columns: Columns<Row>, rows: readonly Row[]): Buffer[] {
  return Object.values(columns).map((column) => column.encode(rows));
}
