type Row = Record<string, unknown>;

const GAP = '  ';
const NARROWEST = 6;
const LONGEST_CELL = 60;

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

function cut(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, width - 1)}…`;
}

/** The widths that fit into `columns`: the widest column gives way first, the first one (the id) never. */
function narrowed(widths: number[], columns: number): number[] {
  const fitted = [...widths];
  const total = () => fitted.reduce((sum, width) => sum + width + GAP.length, -GAP.length);
  while (total() > columns) {
    const rest = fitted.slice(1);
    const widest = Math.max(...rest);
    if (rest.length === 0 || widest <= NARROWEST) break;
    fitted[rest.indexOf(widest) + 1]! -= Math.min(widest - NARROWEST, total() - columns, 4);
  }
  return fitted;
}

/** `assignee` is left out beside `assignee.id`: it is there only because it is null in some rows. */
function columnsOf(rows: readonly Row[]): string[] {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const isNullOnly = (name: string) => rows.every((row) => row[name] === null || row[name] === undefined);
  return names.filter((name) => !(isNullOnly(name) && names.some((other) => other.startsWith(`${name}.`))));
}

/** Rows under their names; cut to `columns` characters a line, without what is empty in all of them, or not at all where that is null. */
export function tableText(rows: readonly unknown[], columns: number | null): string {
  if (rows.length === 0) return 'None.';
  const flat = rows.map((row) => (isRow(row) ? flatten(row) : { value: row }));
  const isTold = (name: string) => flat.some((row) => !['', '-'].includes(cell((row as Row)[name])));
  const names = columnsOf(flat).filter((name, at) => columns === null || at === 0 || isTold(name));
  const lines = [names, ...flat.map((row) => names.map((name) => cell((row as Row)[name])))];
  const natural = names.map((_, at) => Math.max(...lines.map((line) => line[at]!.length)));
  const widths =
    columns === null
      ? natural
      : narrowed(
          natural.map((width, at) => (at === 0 ? width : Math.min(width, LONGEST_CELL))),
          columns,
        );
  return lines
    .map((line) =>
      line
        .map((text, at) => cut(text, widths[at]!).padEnd(widths[at]!))
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
