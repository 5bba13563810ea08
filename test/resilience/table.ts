/** Lines of cells as a Markdown table, its columns padded. The first line is the head. */
export function table(lines: readonly (readonly string[])[]): string {
  const columns = Math.max(...lines.map((line) => line.length));
  const widths = Array.from({ length: columns }, (_, i) => Math.max(3, ...lines.map((line) => line[i]?.length ?? 0)));
  const show = (line: readonly string[]) =>
    `| ${widths.map((width, i) => (line[i] ?? '').padEnd(width)).join(' | ')} |`;
  const [head, ...rest] = lines;
  return [show(head ?? []), `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`, ...rest.map(show)].join(
    '\n',
  );
}
