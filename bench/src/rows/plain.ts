import type { Line } from '../report/line.ts';
import { changedUsers, newUsers, uniqueNames } from './batches.ts';
import type { Bench, Row } from './bench.ts';
import { delayLines } from './delay.ts';
import { onPostgres, uniqueOnPostgres } from './postgres.ts';
import { singlePatches, singleReads, singleUpserts } from './singles.ts';
import { connecting, idleMemory } from './sockets.ts';
import { starting } from './start.ts';
import { telling } from './watchers.ts';

/** The rows of the plain table. */
export const ROWS: ReadonlyMap<string, Row> = new Map([
  ['1', newUsers],
  ['2', changedUsers],
  ['3', singleUpserts],
  ['4', singlePatches],
  ['5', singleReads],
  ['6', connecting],
  ['7', idleMemory],
  ['8', telling],
  ['9', onPostgres],
  ['10', uniqueNames],
  ['10p', uniqueOnPostgres],
  ['12', starting],
  ['13', delayLines],
]);

/** Measures all rows, or those that were asked for. */
export async function plainRows(bench: Bench, asked: ReadonlySet<string> | undefined): Promise<readonly Line[]> {
  const lines: Line[] = [];
  for (const [name, row] of ROWS) {
    if (asked && !asked.has(name)) continue;
    process.stderr.write(`row ${name} …`);
    const begun = performance.now();
    lines.push(...(await row(bench)));
    process.stderr.write(` ${Math.round((performance.now() - begun) / 1000)} s\n`);
  }
  return lines;
}
