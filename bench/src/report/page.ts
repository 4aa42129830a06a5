import { type Column, sizesTable } from './sizes.ts';

const today = (): string => new Date().toISOString().slice(0, 10);

/** What stands above every table. */
export const heading = (title: string, command: string, seconds: number, machine: string): string =>
  `# ${title}\n\n${today()}, by \`${command}\` in ${Math.round(seconds)} s. ${machine}\n`;

/** The page about finding users in databases of several sizes. */
export const findingPage = (head: string, columns: readonly Column[]): string => `${head}
${sizesTable(columns)}

Row 11: p50 / p99 of 1,000 queries over HTTP, one after another, each with other values; 30 users a page, newest first where nothing else
is said. Row 11b: A B A B, the median of three rounds. Row 13: the longest of 30,000 users' writes. How each is measured: bench/README.md.
`;

/** The page about the storm. */
export const stormPage = (head: string, columns: readonly Column[]): string => `${head}
${sizesTable(columns)}

A change is stamped (\`updated_at\`) in its transaction, before the commit, so that the times hold the commit too; both ends read one clock, in
whole milliseconds. Every client is told of its 20 users and of itself. Each change bears a number, and for each client and user the
numbers have to come without a gap: nothing is coalesced. Memory is after garbage collection. More: bench/README.md.
`;
