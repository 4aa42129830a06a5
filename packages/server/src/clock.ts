import type { Instant } from '@rollcall/domain/user';

/** Tells the time, in whole milliseconds, and never goes backwards. */
export type Clock = () => Instant;

/** A clock that starts at the newest time already stored, however wrong the machine's own has become. */
export function createClock(newest: Instant, machine: () => number = Date.now): Clock {
  let last = newest;
  return () => {
    last = Math.max(last, machine());
    return last;
  };
}
