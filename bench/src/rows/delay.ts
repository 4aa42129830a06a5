import { scattered } from '../data/order.ts';
import type { Burst } from '../load/burst.ts';
import type { Rollcall } from '../process/rollcall.ts';
import { costLine, type Line, thousands } from '../report/line.ts';
import { percentile } from '../report/statistics.ts';
import { range, upsertAll } from './batches.ts';
import type { Row } from './bench.ts';

const USERS = 30_000;
const WARM_UP = 5000;

async function longestDelay(rollcall: Rollcall, work: string, run: () => Promise<Burst>): Promise<Line> {
  await rollcall.child.ask('watchDelay');
  const { perSecond, latencies } = await run();
  const longest = await rollcall.child.ask('longestDelay');
  const p99 = await rollcall.child.ask('delayPercentile', 99);
  const line = costLine(
    { row: '13', work, must: 50, strive: 20 },
    { rollcall: `${longest.toFixed(1)} ms (p99 ${p99.toFixed(1)} ms, ${thousands(perSecond)} users/s)`, unit: ' ms' },
    longest,
  );
  const [half, most] = [percentile(latencies, 0.5), percentile(latencies, 0.99)];
  return { ...line, latency: `${half.toFixed(1)} / ${most.toFixed(1)} ms` };
}

/** Row 13: the longest that the event loop was held up during rows 1 and 2, on a database of so many users. */
export function delays(users: number): Row {
  return async (bench) => {
    await using rollcall = await bench.rollcall(await bench.seededFile(users));
    await upsertAll(rollcall, range(users, WARM_UP));
    const size = users.toLocaleString('en-US');
    return [
      await longestDelay(rollcall, `longest delay of the event loop in row 1 at ${size} users`, () =>
        upsertAll(rollcall, range(users + WARM_UP, USERS)),
      ),
      await longestDelay(rollcall, `the same in row 2`, () => upsertAll(rollcall, scattered(users, 0, USERS), 100)),
    ];
  };
}
