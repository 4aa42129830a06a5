import { writeFileSync } from 'node:fs';
import { finding, findingRows } from './finding/run.ts';
import { type Flags, readFlags, type StoreName, type StormFlags } from './flags.ts';
import { pinLoad } from './process/cores.ts';
import { describeMachine } from './report/machine.ts';
import { findingPage, heading, stormPage } from './report/page.ts';
import type { Column } from './report/sizes.ts';
import { pageOf } from './report/table.ts';
import { Bench } from './rows/bench.ts';
import { indexCosts } from './rows/indexes.ts';
import { plainRows, ROWS } from './rows/plain.ts';
import { storm } from './storm/run.ts';

/** A page, and the file that keeps it when it is whole. */
interface Result {
  readonly page: string;
  readonly file: string | undefined;
}

type Head = (title: string, command: string) => string;

/** Measures what was asked for, prints the table, and keeps it when it is whole. */
async function main(flags: Flags): Promise<void> {
  const begun = performance.now();
  const known = flags.users ? findingRows(flags.store) : [...ROWS.keys()];
  for (const row of flags.rows ?? []) if (!known.includes(row)) throw new Error(`there is no row ${row} here`);
  using bench = new Bench(pinLoad(), flags.profile);
  const machine = describeMachine(bench.folder, bench.cores);
  const head: Head = (title, command) => heading(title, command, (performance.now() - begun) / 1000, machine);
  const { page, file } = await measure(bench, flags, head);
  process.stdout.write(page);
  if (file !== undefined) writeFileSync(new URL(`../${file}`, import.meta.url), page);
}

function measure(bench: Bench, flags: Flags, head: Head): Promise<Result> {
  if (flags.storm) return measureStorm(bench, flags.storm, head);
  return flags.users ? measureFinding(bench, flags.users, flags, head) : measurePlain(bench, flags, head);
}

async function measurePlain(bench: Bench, { rows }: Flags, head: Head): Promise<Result> {
  const lines = await plainRows(bench, rows);
  const indexes = rows ? undefined : await indexCosts(bench);
  const page = pageOf(head('What Rollcall costs', 'npm run bench'), indexes, lines);
  return { page, file: rows ? undefined : 'results.md' };
}

async function measureFinding(
  bench: Bench,
  users: readonly number[],
  { rows, store }: Flags,
  head: Head,
): Promise<Result> {
  const columns = await finding(bench, store, users, rows);
  const flags = `--users ${users.join(',')}${store === 'sqlite' ? '' : ` --store ${store}`}`;
  const page = findingPage(head(`What finding costs on ${TITLES[store]}`, `npm run bench -- ${flags}`), columns);
  return { page, file: rows ? undefined : FILES[store] };
}

const TITLES: { readonly [Name in StoreName]: string } = { sqlite: 'SQLite', postgresql: 'PostgreSQL' };
const FILES: { readonly [Name in StoreName]: string } = {
  sqlite: 'results-finding.md',
  postgresql: 'results-finding-postgresql.md',
};

async function measureStorm(bench: Bench, { clients, seconds, whole }: StormFlags, head: Head): Promise<Result> {
  const columns: Column[] = [];
  for (const count of clients) {
    process.stderr.write(`a storm of ${count} clients …\n`);
    columns.push(await storm(bench, count, seconds));
  }
  const page = stormPage(head('What a storm costs', 'npm run bench -- --storm'), columns);
  return { page, file: whole ? 'results-storm.md' : undefined };
}

await main(readFlags(process.argv.slice(2)));
