import type { StoreName } from '../flags.ts';
import type { Rollcall } from '../process/rollcall.ts';
import { thousands } from '../report/line.ts';
import type { Column, Figure } from '../report/sizes.ts';
import type { Bench } from '../rows/bench.ts';
import { delayFigures } from '../rows/delay.ts';
import { asking } from './asking.ts';
import { rollcallOnCrowdedPostgres } from './postgres.ts';
import { walking } from './walking.ts';

type Measure = (bench: Bench, users: number) => Promise<readonly Figure[]>;

type Open = (bench: Bench, users: number) => Promise<Rollcall>;

const onRollcall =
  (open: Open, measure: (...parts: Parameters<typeof asking>) => ReturnType<typeof asking>): Measure =>
  async (bench, users) => {
    await using rollcall = await open(bench, users);
    return await measure(rollcall, users);
  };

const onSqlite: Open = async (bench, users) => bench.rollcall(await bench.crowdedFile(users));

/** What is measured at each size, by its row. */
const MEASURES: { readonly [Name in StoreName]: ReadonlyMap<string, Measure> } = {
  sqlite: new Map([
    ['11', onRollcall(onSqlite, asking)],
    ['11b', onRollcall(onSqlite, walking)],
    ['13', delayFigures],
  ]),
  postgresql: new Map([
    ['11', onRollcall(rollcallOnCrowdedPostgres, asking)],
    ['11b', onRollcall(rollcallOnCrowdedPostgres, walking)],
  ]),
};

/** The rows that are measured at sizes, on a store. */
export const findingRows = (store: StoreName): readonly string[] => [...MEASURES[store].keys()];

/** Measures how users are found at each size. */
export async function finding(
  bench: Bench,
  store: StoreName,
  sizes: readonly number[],
  rows: ReadonlySet<string> | undefined,
): Promise<readonly Column[]> {
  const columns: Column[] = [];
  for (const users of sizes) {
    const figures: Figure[] = [];
    for (const [row, measure] of MEASURES[store]) {
      if (rows && !rows.has(row)) continue;
      const begun = performance.now();
      process.stderr.write(`${thousands(users)} users, row ${row} …`);
      figures.push(...(await measure(bench, users)));
      process.stderr.write(` ${Math.round((performance.now() - begun) / 1000)} s\n`);
    }
    columns.push({ title: `${thousands(users)} users`, figures });
  }
  return columns;
}
