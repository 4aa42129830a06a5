import type { Counted } from './metrics.ts';

/** How often values fell between bounds. Adding one is a look at a few numbers: it is done for every call. */
export class Tally {
  readonly bounds: readonly number[];
  /** One for each bound, and one for what lies beyond them. */
  readonly counts: Float64Array;
  sum = 0;

  constructor(bounds: readonly number[]) {
    this.bounds = bounds;
    this.counts = new Float64Array(bounds.length + 1);
  }

  add(value: number): void {
    const { bounds, counts } = this;
    let at = 0;
    while (at < bounds.length && value > Number(bounds[at])) at += 1;
    counts[at] = Number(counts[at]) + 1;
    this.sum += value;
  }
}

/** In seconds: a read takes less than a millisecond, and no call takes longer than five. */
const CALL_BOUNDS = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** The calls of one operation. */
export class CallTally {
  readonly seconds = new Tally(CALL_BOUNDS);
  readonly #outcomes = new Map<number, number>();

  add(status: number, code: number, ms: number): void {
    const outcome = status * CODES + code - LEAST_CODE;
    this.#outcomes.set(outcome, (this.#outcomes.get(outcome) ?? 0) + 1);
    this.seconds.add(ms / 1000);
  }

  /** How often each status and code was answered. */
  *outcomes(): Generator<{ readonly status: number; readonly code: number; readonly calls: number }> {
    for (const [outcome, calls] of this.#outcomes) {
      yield { status: Math.floor(outcome / CODES), code: (outcome % CODES) + LEAST_CODE, calls };
    }
  }
}

/** Codes of the wire lie between -1 and 99. */
const LEAST_CODE = -1;
const CODES = 1000;

/** All calls, by operation. */
export class CallTallies {
  readonly #operations = new Map<Counted, CallTally>();

  add(operation: Counted, status: number, code: number, ms: number): void {
    let tally = this.#operations.get(operation);
    if (tally === undefined) {
      tally = new CallTally();
      this.#operations.set(operation, tally);
    }
    tally.add(status, code, ms);
  }

  entries(): Iterable<readonly [Counted, CallTally]> {
    return this.#operations;
  }
}
