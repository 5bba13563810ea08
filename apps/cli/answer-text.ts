import { narrowTable } from './narrow-table.js';

type Row = Record<string, unknown>;

const GAP = '  ';

function isRow(value: unknown): value is Row {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

// Control characters of other people's texts must not reach the terminal: an escape sequence can rewrite it.
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what it looks for.
const CONTROL = /[\u0000-\u001f\u007f-\u009f]+/g;

function cell(value: unknown): string {
  if (value === null || value === undefined) return '-';
  if (Array.isArray(value) && value.every((item) => typeof item !== 'object')) return cell(value.join(', '));
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
  return text.replace(CONTROL, ' ');
}

/** Nested objects as `assignee.id`. */
function flatten(row: Row, prefix = ''): Row {
  const flat: Row = {};
  for (const [name, value] of Object.entries(row)) {
    if (isRow(value)) Object.assign(flat, flatten(value, `${prefix}${name}.`));
    else flat[prefix + name] = value;
  }
  return flat;
}

/** `assignee` is left out beside `assignee.id`: it is there only because it is null in some rows. */
function columnsOf(rows: readonly Row[]): string[] {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const isNullOnly = (name: string) => rows.every((row) => row[name] === null || row[name] === undefined);
  return names.filter((name) => !(isNullOnly(name) && names.some((other) => other.startsWith(`${name}.`))));
}

/** Rows under their names: made to fit where `columns` is a terminal's width, without what is empty in all of them; whole where it is null. */
export function tableText(rows: readonly unknown[], columns: number | null): string {
  if (rows.length === 0) return 'None.';
  const flat = rows.map((row) => (isRow(row) ? flatten(row) : { value: row }));
  const table = columnsOf(flat).map((name) => {
    const values = flat.map((row) => (row as Row)[name]);
    return { name, cells: values.map(cell), isJson: values.some((value) => Array.isArray(value) && value.some(isRow)) };
  });
  if (columns === null) return wholeTable(table);
  const isTold = (cells: readonly string[]) => cells.some((text) => !['', '-'].includes(text));
  return narrowTable(
    table.filter(({ cells }, at) => at === 0 || isTold(cells)),
    columns,
  ).join('\n');
}

function wholeTable(table: readonly { name: string; cells: readonly string[] }[]): string {
  const padded = table.map(({ name, cells }) => {
    const width = Math.max(name.length, ...cells.map(({ length }) => length));
    return [name, ...cells].map((text) => text.padEnd(width));
  });
  return padded[0]!
    .map((_, at) =>
      padded
        .map((column) => column[at]!)
        .join(GAP)
        .trimEnd(),
    )
    .join('\n');
}

/** One thing: a line a field; lists of objects below it as tables. */
function detailsText(row: Row, columns: number | null): string {
  const flat = Object.entries(flatten(row));
  const tables = flat.filter(([, value]) => Array.isArray(value) && value.some(isRow)) as [string, unknown[]][];
  const fields = flat.filter(([name]) => !tables.some(([table]) => table === name));
  const width = Math.max(0, ...fields.map(([name]) => name.length));
  return [
    ...fields.map(([name, value]) => `${name.padEnd(width)}${GAP}${cell(value)}`),
    ...tables.map(([name, rows]) => `\n${name}\n${tableText(rows, columns)}`),
  ].join('\n');
}

/** A good answer's JSON as text for people: a page of a list as a table, anything else field by field. */
export function answerText(answer: unknown, columns: number | null): string {
  if (!isRow(answer)) return cell(answer);
  return Array.isArray(answer.data) && 'next_cursor' in answer
    ? tableText(answer.data, columns)
    : detailsText(answer, columns);
}
