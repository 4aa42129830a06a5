/** What came out for one kind of work at one size. */
export interface Figure {
  readonly row: string;
  readonly work: string;
  readonly shown: string;
  readonly must: string;
  /** Undefined where nothing has to be reached. */
  readonly reached: boolean | undefined;
}

/** A size, as the head of its column, and what came out there. */
export interface Column {
  readonly title: string;
  readonly figures: readonly Figure[];
}

const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;

/** A table in Markdown with a column for each size; what missed its goal is bold. Every size has the same figures. */
export function sizesTable(columns: readonly Column[]): string {
  const titles = ['#', 'work', ...columns.map(({ title }) => title), 'must reach', 'reached'];
  const rows = (columns[0]?.figures ?? []).map(({ row: number, work, must }, at) => {
    const figures = columns.flatMap(({ figures: all }) => all[at] ?? []);
    const cells = figures.map(({ shown, reached }) => (reached === false ? `**${shown}**` : shown));
    return row([number, work, ...cells, must, reachedCell(figures)]);
  });
  return [row(titles), row(titles.map(() => '---')), ...rows].join('\n');
}

function reachedCell(figures: readonly Figure[]): string {
  if (figures.some(({ reached }) => reached === false)) return '**no**';
  return figures.some(({ reached }) => reached) ? 'yes' : '';
}

/** Says whether nothing missed its goal. */
export const allReached = (columns: readonly Column[]): boolean =>
  columns.every(({ figures }) => figures.every(({ reached }) => reached !== false));
