import type { Clock } from '../clock.ts';

/** How a call stands to its limit. */
export interface Allowance {
  readonly limit: number;
  readonly remaining: number;
  /** When the count starts anew, in Unix seconds. */
  readonly resetsAt: number;
  readonly allowed: boolean;
}

/** Counts calls by key. */
export interface Limiter {
  take(key: string, limit: number): Allowance;
}

const WINDOW_MS = 60_000;

/** Counts calls in windows of a minute. All counts of a minute are forgotten together: no timer for a key. */
export function createLimiter(clock: Clock): Limiter {
  let counts = new Map<string, number>();
  let endsAt = 0;
  return {
    take(key, limit) {
      const now = clock();
      if (now >= endsAt) {
        counts = new Map();
        endsAt = now + WINDOW_MS;
      }
      const count = (counts.get(key) ?? 0) + 1;
      counts.set(key, count);
      return {
        limit,
        remaining: Math.max(0, limit - count),
        resetsAt: Math.ceil(endsAt / 1000),
        allowed: count <= limit,
      };
    },
  };
}
