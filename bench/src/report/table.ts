import type { Line } from './line.ts';

const COLUMNS: readonly (readonly [string, (line: Line) => string])[] = [
  ['#', ({ row }) => row],
  ['work', ({ work }) => work],
  ['Rollcall', ({ rollcall }) => rollcall],
  ['limit', ({ limit }) => limit],
  ['ratio', ({ ratio }) => ratio],
  ['must reach', ({ mustReach }) => mustReach],
  ['strive for', ({ striveFor }) => striveFor],
  ['p50 / p99 (limit)', ({ latency }) => latency],
  ['load busy', ({ busy }) => busy],
  ['reached', ({ reached }) => (reached ? 'yes' : '**no**')],
];

const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;

/** The table in Markdown. */
export function tableOf(lines: readonly Line[]): string {
  const head = [row(COLUMNS.map(([title]) => title)), row(COLUMNS.map(() => '---'))];
  return [...head, ...lines.map((line) => row(COLUMNS.map(([, cell]) => cell(line))))].join('\n');
}

/** The whole page: what the machine is, the table, and how to read it. */
export function pageOf(head: string, indexes: string | undefined, lines: readonly Line[]): string {
  return `${head}${indexes === undefined ? '' : `\n${indexes}\n`}
${tableOf(lines)}

Rollcall and the limit (the same work with nothing around it) ran in turn, A B A B, in one run: only the ratios travel from machine to
machine. A ratio is the median of the rounds' ratios. Whoever was measured had one core, the load the other; "load busy" is how much of
its core the load used at most (Rollcall / limit): near 100 % it is the load that is measured. How each row is measured: bench/README.md.
`;
}
