import { writeFileSync } from 'node:fs';
import { type Flags, readFlags } from './flags.ts';
import { pinLoad } from './process/cores.ts';
import type { Line } from './report/line.ts';
import { describeMachine } from './report/machine.ts';
import { pageOf } from './report/table.ts';
import { changedUsers, newUsers, uniqueNames } from './rows/batches.ts';
import { Bench, type Row } from './rows/bench.ts';
import { delays } from './rows/delay.ts';
import { indexCosts } from './rows/indexes.ts';
import { singlePatches, singleReads, singleUpserts } from './rows/singles.ts';
import { connecting, idleMemory } from './rows/sockets.ts';
import { starting } from './rows/start.ts';

const RESULTS = new URL('../results.md', import.meta.url);

/** The rows of speed.md that this benchmark measures. */
const rowsOf = ({ users }: Flags): ReadonlyMap<string, Row> =>
  new Map([
    ['1', newUsers],
    ['2', changedUsers],
    ['3', singleUpserts],
    ['4', singlePatches],
    ['5', singleReads],
    ['6', connecting],
    ['7', idleMemory],
    ['10', uniqueNames],
    ['12', starting],
    ['13', delays(users)],
  ]);

/** Measures what was asked for, prints the table, and keeps it when it is whole. */
async function main(flags: Flags): Promise<void> {
  const begun = performance.now();
  const known = rowsOf(flags);
  for (const row of flags.rows ?? []) if (!known.has(row)) throw new Error(`there is no row ${row} here`);
  using bench = new Bench(pinLoad(), flags.profile);
  const machine = describeMachine(bench.folder, bench.cores);
  const lines: Line[] = [];
  for (const [name, row] of known) {
    if (flags.rows && !flags.rows.has(name)) continue;
    process.stderr.write(`row ${name} …`);
    const rowBegun = performance.now();
    lines.push(...(await row(bench)));
    process.stderr.write(` ${Math.round((performance.now() - rowBegun) / 1000)} s\n`);
  }
  const indexes = flags.rows ? undefined : await indexCosts(bench);
  const page = pageOf(machine, indexes, lines, (performance.now() - begun) / 1000);
  process.stdout.write(page);
  if (!flags.rows) writeFileSync(RESULTS, page);
}

await main(readFlags(process.argv.slice(2)));
