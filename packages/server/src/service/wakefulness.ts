/** What the look-out works with. Times are in milliseconds. */
export interface WakefulnessParts {
  /** How long this process may stand still before others stop believing in it. */
  readonly mostMs: number;
  /** Begins anew; what it does before its first wait is done before anything else runs. */
  readonly beginAnew: () => Promise<void>;
  /** Two clocks, since the first does not go on while a whole machine stands still. */
  readonly monotonic?: () => number;
  readonly wall?: () => number;
}

/**
 * Notices that this process stood still, stopped by somebody or on a machine that was frozen, for so long that its leases ran out and
 * others went on without it. Whoever is about to serve looks first, and waits until the process has begun anew.
 */
export class Wakefulness {
  readonly #mostMs: number;
  readonly #beginAnew: () => Promise<void>;
  readonly #monotonic: () => number;
  readonly #wall: () => number;
  #tickedAt: number;
  #wallAt: number;
  #beginning: Promise<void> | undefined;
  #asleepAt = Number.NEGATIVE_INFINITY;

  constructor({ mostMs, beginAnew, monotonic = () => performance.now(), wall = Date.now }: WakefulnessParts) {
    this.#mostMs = mostMs;
    this.#beginAnew = beginAnew;
    this.#monotonic = monotonic;
    this.#wall = wall;
    this.#tickedAt = monotonic();
    this.#wallAt = wall();
  }

  /** Undefined when all is well; else what to wait for before anything is served. It rejects when that is not possible yet. */
  look(): Promise<void> | undefined {
    if (this.#beginning) return this.#beginning;
    const still = Math.max(this.#monotonic() - this.#tickedAt, this.#wall() - this.#wallAt);
    return still > this.#mostMs ? this.#begin() : undefined;
  }

  /** The process runs: called at least once a second. */
  tick(): void {
    const waits = this.look();
    if (waits) waits.catch(() => {});
    else this.#note();
  }

  /** Whether what began at an instant of the first clock went on through a time in which the process stood still. */
  sleptSince(instant: number): boolean {
    return instant < this.#asleepAt;
  }

  #note(): void {
    this.#tickedAt = this.#monotonic();
    this.#wallAt = this.#wall();
  }

  #begin(): Promise<void> {
    // It stood still from soon after the last tick until just now.
    this.#asleepAt = (this.#tickedAt + this.#monotonic()) / 2;
    this.#beginning = this.#beginAnew()
      .then(() => this.#note())
      .finally(() => {
        this.#beginning = undefined;
      });
    return this.#beginning;
  }
}
