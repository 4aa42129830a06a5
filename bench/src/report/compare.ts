import type { Burst } from '../load/burst.ts';
import { median, percentile } from './statistics.ts';

/** What one side of a row did in one round. */
export type Sample = Pick<Burst, 'perSecond'> & Partial<Burst>;

/** One side of a row: does the work of a round. Round 0 warms up. */
export type Side = (round: number) => Promise<Sample>;

/** One side over all rounds. */
export interface Measured {
  readonly perSecond: number;
  /** In milliseconds, over the requests of all rounds; undefined where no load is made. */
  readonly latency: { readonly p50: number; readonly p99: number } | undefined;
  /** The busiest that the load process was. */
  readonly busy: number | undefined;
}

/** Two sides, side by side. */
export interface Compared {
  readonly rollcall: Measured;
  readonly limit: Measured;
  /** The median of the rounds' ratios: the two of a round ran one right after the other, on an equally busy machine. */
  readonly ratio: number;
}

/** Lets two sides work in turn, A B A B, and leaves the first round out. */
export async function alternate(rollcall: Side, limit: Side, rounds = 5): Promise<Compared> {
  const samples: { a: Sample; b: Sample }[] = [];
  for (let round = 0; round <= rounds; round += 1) samples.push({ a: await rollcall(round), b: await limit(round) });
  const measured = samples.slice(1);
  return {
    rollcall: summary(measured.map(({ a }) => a)),
    limit: summary(measured.map(({ b }) => b)),
    ratio: median(measured.map(({ a, b }) => a.perSecond / b.perSecond)),
  };
}

function summary(samples: readonly Sample[]): Measured {
  const latencies = samples.flatMap(({ latencies: some }) => (some ? [...some] : []));
  const busy = samples.flatMap(({ busy: share }) => (share === undefined ? [] : [share]));
  return {
    perSecond: median(samples.map(({ perSecond }) => perSecond)),
    latency: latencies.length === 0 ? undefined : { p50: percentile(latencies, 0.5), p99: percentile(latencies, 0.99) },
    busy: busy.length === 0 ? undefined : Math.max(...busy),
  };
}
