import { cutToWidth, displayWidth } from './display-width.js';

/** A column as text: its name above its cells. */
export interface Column {
  name: string;
  cells: string[];
  /** Whether cells are JSON, which nobody reads in a table. */
  isJson: boolean;
}

interface Sized extends Column {
  /** Cells with short ids. */
  short: string[];
  width: number;
  isText: boolean;
  /** 1 is the most useful. */
  rank: number;
}

const GAP = 2;
/** Of a column that is not the text: longer cells are cut. */
const WIDEST = 28;
const IDS = /^[a-z]+_[0-9a-f]{32}(, [a-z]+_[0-9a-f]{32})*$/;
const TIME = /^\d{4}-\d\d-\d\dT[\d:.]+Z$/;

function isEmpty(cell: string): boolean {
  return cell === '' || cell === '-';
}

function shortIds(cell: string): string {
  return IDS.test(cell) ? cell.replaceAll(/_[0-9a-f]{27}/g, '_…') : cell;
}

function widthOf(name: string, cells: readonly string[]): number {
  return Math.max(...[name, ...cells].map(displayWidth));
}

/** Plain values before times, ids and what is mostly empty; last what says nothing that tells one row from another. */
function rankOf(column: Column, earlier: readonly Column[]): number {
  const { cells, isJson } = column;
  const isAll =
    (pattern: RegExp) =>
    ({ cells: told }: Column) =>
      told.every((cell) => isEmpty(cell) || pattern.test(cell));
  const isTime = isAll(TIME);
  if (cells.length > 1 && cells.every((cell) => cell === cells[0])) return 6;
  if (earlier.some((other) => other.cells.every((cell, at) => cell === cells[at]))) return 6;
  if (isJson || cells.filter(isEmpty).length * 2 > cells.length) return 5;
  if (isTime(column)) return earlier.some(isTime) ? 4 : 2;
  return isAll(IDS)(column) ? 3 : 1;
}

function sized(columns: readonly Column[]): Sized[] {
  const all = columns.map((column, at) => {
    const short = column.cells.map(shortIds);
    const width = widthOf(column.name, short);
    return { ...column, short, width, isText: false, rank: rankOf(column, columns.slice(0, at)) };
  });
  const isText = ({ isJson, cells, width }: Sized) =>
    width > WIDEST && !isJson && !cells.some((cell) => TIME.test(cell) || IDS.test(cell));
  const text = all
    .slice(1)
    .filter(isText)
    .toSorted((a, b) => b.width - a.width)[0];
  if (text !== undefined) text.isText = true;
  return all;
}

function total(columns: Iterable<{ width: number }>): number {
  return [...columns].reduce((sum, { width }) => sum + width + GAP, -GAP);
}

/**
 * The first column and the text, then of the others those of most use that fit beside them; the text last. Half of the
 * width is the text's; what says little takes no room from the whole of it, nor from the whole id of the row.
 */
function chosen(columns: readonly Sized[], width: number): Sized[] {
  const first = columns[0]!;
  const text = columns.find(({ isText }) => isText) ?? null;
  const others = columns.slice(1).filter((column) => column !== text);
  const kept = new Set([first]);
  const take = (ranks: readonly number[], textWidth: number) => {
    for (const column of others.toSorted((a, b) => a.rank - b.rank)) {
      const more = { width: column.width };
      const needed = text === null ? [...kept, more] : [...kept, more, { width: textWidth }];
      if (ranks.includes(column.rank) && total(needed) <= width) kept.add(column);
    }
  };
  for (const column of [first, ...others]) column.width = Math.min(column.width, WIDEST);
  const wholeText = text?.width ?? 0;
  take([1, 2], Math.min(wholeText, Math.floor(width / 2)));
  const wholeFirst = widthOf(first.name, first.cells);
  const rest = [...kept].slice(1);
  if (total([{ width: wholeFirst }, ...rest, ...(text === null ? [] : [text])]) <= width) {
    first.width = wholeFirst;
    first.short = first.cells;
  }
  take([3, 4, 5, 6], wholeText);
  const inOrder = columns.filter((column) => kept.has(column));
  return text === null ? inOrder : [...inOrder, text];
}

/**
 * Lines of at most `width` columns of a terminal. Where the whole does not fit, ids are cut in their middle, columns that
 * say the least are left out, and the widest text comes last, with all the room that is left.
 */
export function narrowTable(columns: readonly Column[], width: number): string[] {
  const whole = columns.map((column) => ({ ...column, width: widthOf(column.name, column.cells) }));
  if (total(whole) <= width) return linesOf(whole);
  const fitted = chosen(sized(columns), width).map(({ name, short, width: wished }) => ({
    name,
    cells: short,
    width: wished,
  }));
  const last = fitted.at(-1)!;
  const room = width - (fitted.length === 1 ? 0 : total(fitted.slice(0, -1)) + GAP);
  if (room < 1) return linesOf([{ ...fitted[0]!, width }]);
  last.width = Math.min(widthOf(last.name, last.cells), room);
  return linesOf(fitted);
}

function linesOf(columns: readonly { name: string; cells: readonly string[]; width: number }[]): string[] {
  const line = (texts: readonly string[]) =>
    texts
      .map((text, at) => {
        const cut = cutToWidth(text, columns[at]!.width);
        return cut + ' '.repeat(columns[at]!.width - displayWidth(cut));
      })
      .join(' '.repeat(GAP))
      .trimEnd();
  const rows = columns[0]!.cells.map((_, row) => line(columns.map(({ cells }) => cells[row]!)));
  return [line(columns.map(({ name }) => name)), ...rows];
}
