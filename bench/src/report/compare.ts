import type { Burst } from '../load/burst.ts';
import { median, percentile } from './statistics.ts';

/** What one side of a row did in one round. */
export type Sample = Pick<Burst, 'perSecond'> & Partial<Burst>;

/** One side of a row: does the work of a round. The first ones warm up. */
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

/** How many rounds are measured, and how many come before them. */
export interface Rounds {
  readonly measured?: number;
  /** As many as it takes until the engine of both sides has compiled what it will. */
  readonly warmUps?: number;
}

/** Lets two sides work in turn, A B A B, and leaves the first rounds out. */
export async function alternate(
  rollcall: Side,
  limit: Side,
  { measured: count = 5, warmUps = 1 }: Rounds = {},
): Promise<Compared> {
  const samples: { a: Sample; b: Sample }[] = [];
  for (let round = 0; round < warmUps + count; round += 1)
    samples.push({ a: await rollcall(round), b: await limit(round) });
  const measured = samples.slice(warmUps);
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
