import { thousands } from '../report/line.ts';
import type { Column, Figure } from '../report/sizes.ts';
import type { Bench } from '../rows/bench.ts';
import { delayFigures } from '../rows/delay.ts';
import { asking } from './asking.ts';
import { walking } from './walking.ts';

type Measure = (bench: Bench, users: number) => Promise<readonly Figure[]>;

const onRollcall =
  (measure: (...parts: Parameters<typeof asking>) => ReturnType<typeof asking>): Measure =>
  async (bench, users) => {
    await using rollcall = await bench.rollcall(await bench.crowdedFile(users));
    return await measure(rollcall, users);
  };

/** What is measured at each size, by its row. */
const MEASURES: ReadonlyMap<string, Measure> = new Map([
  ['11', onRollcall(asking)],
  ['11b', onRollcall(walking)],
  ['13', delayFigures],
]);

/** The rows that are measured at sizes. */
export const FINDING_ROWS: readonly string[] = [...MEASURES.keys()];

/** Measures how users are found at each size. */
export async function finding(
  bench: Bench,
  sizes: readonly number[],
  rows: ReadonlySet<string> | undefined,
): Promise<readonly Column[]> {
  const columns: Column[] = [];
  for (const users of sizes) {
    const figures: Figure[] = [];
    for (const [row, measure] of MEASURES) {
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
