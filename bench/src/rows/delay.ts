import { scattered } from '../data/order.ts';
import type { Burst } from '../load/burst.ts';
import type { Rollcall } from '../process/rollcall.ts';
import { costLine, type Line, thousands } from '../report/line.ts';
import type { Figure } from '../report/sizes.ts';
import { percentile } from '../report/statistics.ts';
import { range, upsertAll } from './batches.ts';
import type { Bench, Row } from './bench.ts';

const USERS = 30_000;
const WARM_UP = 5000;
const MUST_MS = 50;
const STRIVE_MS = 20;
/** The size where none is asked for. */
const STANDARD_USERS = 1_000_000;

/** How long the event loop was held up while rows were written. */
interface Delay {
  readonly longestMs: number;
  readonly shown: string;
  readonly latencies: Float64Array;
}

async function delayDuring(rollcall: Rollcall, run: () => Promise<Burst>): Promise<Delay> {
  await rollcall.child.ask('watchDelay');
  const { perSecond, latencies } = await run();
  const longestMs = await rollcall.child.ask('longestDelay');
  const p99 = await rollcall.child.ask('delayPercentile', 99);
  const shown = `${longestMs.toFixed(1)} ms (p99 ${p99.toFixed(1)} ms, ${thousands(perSecond)} users/s)`;
  return { longestMs, shown, latencies };
}

/** Row 13: the longest that the event loop was held up during rows 1 and 2, on a database of so many users. */
async function delays(bench: Bench, users: number): Promise<{ readonly row1: Delay; readonly row2: Delay }> {
  await using rollcall = await bench.rollcall(await bench.crowdedFile(users));
  await upsertAll(rollcall, range(users, WARM_UP));
  const row1 = await delayDuring(rollcall, () => upsertAll(rollcall, range(users + WARM_UP, USERS)));
  const row2 = await delayDuring(rollcall, () => upsertAll(rollcall, scattered(users, 0, Math.min(users, USERS)), 100));
  return { row1, row2 };
}

function lineOf(work: string, { longestMs, shown, latencies }: Delay): Line {
  const goal = { row: '13', work, must: MUST_MS, strive: STRIVE_MS };
  const [half, most] = [percentile(latencies, 0.5), percentile(latencies, 0.99)];
  const line = costLine(goal, { rollcall: shown, unit: ' ms' }, longestMs);
  return { ...line, latency: `${half.toFixed(1)} / ${most.toFixed(1)} ms` };
}

const figureOf = (work: string, { longestMs, shown }: Delay): Figure => ({
  row: '13',
  work,
  must: `≤ ${MUST_MS} ms`,
  shown,
  reached: longestMs <= MUST_MS,
});

/** Row 13 as a row of the plain table, at a million users. */
export const delayLines: Row = async (bench) => {
  const { row1, row2 } = await delays(bench, STANDARD_USERS);
  const size = thousands(STANDARD_USERS);
  return [lineOf(`longest delay of the event loop in row 1 at ${size} users`, row1), lineOf('the same in row 2', row2)];
};

/** Row 13 as figures of a table of sizes. */
export async function delayFigures(bench: Bench, users: number): Promise<readonly Figure[]> {
  const { row1, row2 } = await delays(bench, users);
  return [figureOf('longest delay of the event loop in row 1', row1), figureOf('the same in row 2', row2)];
}
