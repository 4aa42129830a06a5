import { performance } from 'node:perf_hooks';

/** Were others served all the time, a window would be followed by a rest of so many times its length. */
const REST = 20;
const LONGEST_REST_MS = 100;
/** While nobody else seems to be served, it is looked anew after so many windows, for so long. */
const LOOK_EVERY = 5;
const LOOK_MS = 2;
const STALE_MS = 200;
/** Where others had use for more than this, what can wait waits. */
const BUSY = 0.5;

/** So many searches share the lane; the others wait in the order in which they came: were all served by turns, all would be late. */
const SEATS = 4;
/** Searches that have had less of the lane have every other turn, one after another: they may be nearly done. */
const YOUNG_MS = 10;

/** The share of the time that is left to what is nearly quick, outside the lane, and how much of it is saved up or owed. */
const SPARE = 0.02;
const MOST_SPARE_MS = 60;

interface Waiting {
  readonly deadline: number;
  readonly spentMs: number;
  /** Does a window's work; says how long it kept the loop. */
  readonly work: () => Promise<number>;
  readonly resolve: (inTime: boolean) => void;
  readonly reject: (reason: unknown) => void;
}

const isYoung = ({ spentMs }: Waiting): boolean => spentMs < YOUNG_MS;

/**
 * The one lane for work that may take long: its windows run one after another, with at least a turn of the loop between
 * two. How much the loop has to do for others is measured while the lane rests, and it rests the longer the more that is: when
 * others could use all of the time, all such work together takes a twentieth of it.
 */
export class Pace {
  readonly #longestRestMs: number;
  #waiting: Waiting[] = [];
  #running = false;
  #tookYoung = false;
  #lastMs = 0;
  #lastEnd = 0;
  /** The share of the time that others had use for, when last looked. */
  #used = 0;
  #unlooked = LOOK_EVERY;
  #spareMs = MOST_SPARE_MS;
  #sparedAt = 0;

  constructor(longestRestMs = LONGEST_REST_MS) {
    this.#longestRestMs = longestRestMs;
  }

  /**
   * Runs `work` when it is its turn and says true; says false when `deadline` (of `performance.now()`) comes first. `spentMs` is what
   * the same search took before. What has no deadline always has its turn.
   */
  run(deadline: number, work: () => Promise<number>, spentMs = YOUNG_MS): Promise<boolean> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ deadline, spentMs, work, resolve, reject });
      if (this.#running) return;
      this.#running = true;
      void this.#serve();
    });
  }

  /** Says whether others had use for most of the time, when last looked. */
  get busy(): boolean {
    return this.#used > BUSY;
  }

  /** Says whether there is time for a window outside the lane. */
  spare(): boolean {
    const now = performance.now();
    this.#spareMs = Math.min(MOST_SPARE_MS, this.#spareMs + (now - this.#sparedAt) * SPARE);
    this.#sparedAt = now;
    return this.#spareMs > 0;
  }

  /** Takes note of what a window outside the lane took, of a query that needs more than one. */
  spend(ms: number): void {
    this.#spareMs = Math.max(-MOST_SPARE_MS, this.#spareMs - ms);
  }

  async #serve(): Promise<void> {
    while (this.#waiting.length > 0) {
      await this.#rest();
      this.#dismissLate();
      const next = this.#take();
      if (!next) break;
      try {
        this.#lastMs = await next.work();
        this.#lastEnd = performance.now();
        next.resolve(true);
      } catch (error) {
        next.reject(error);
      }
    }
    this.#running = false;
  }

  /** Takes out whose turn it is: the first of the young, and by turns one of those who share the lane. */
  #take(): Waiting | undefined {
    const ordered = this.#waiting.toSorted((a, b) => a.deadline - b.deadline);
    const young = ordered.find(isYoung);
    const old = ordered.filter((one) => !isYoung(one));
    const seats = new Set(old.filter(({ deadline }, at) => at < SEATS || deadline === Number.POSITIVE_INFINITY));
    const seated = this.#waiting.find((one) => seats.has(one));
    const next = this.#tookYoung ? (seated ?? young) : (young ?? seated);
    this.#tookYoung = next === young;
    if (next) this.#waiting.splice(this.#waiting.indexOf(next), 1);
    return next;
  }

  async #rest(): Promise<void> {
    // What was seen long ago says nothing of now.
    if (performance.now() - this.#lastEnd > STALE_MS) {
      this.#used = 0;
      this.#unlooked = LOOK_EVERY;
    }
    const ms = Math.min(this.#longestRestMs, this.#lastMs * REST * this.#used);
    this.#unlooked += 1;
    if (ms < LOOK_MS && this.#unlooked <= LOOK_EVERY) return new Promise((resolve) => setImmediate(resolve));
    this.#unlooked = 0;
    const before = performance.eventLoopUtilization();
    await new Promise((resolve) => setTimeout(resolve, Math.max(LOOK_MS, ms)));
    this.#used = performance.eventLoopUtilization(before).utilization;
  }

  #dismissLate(): void {
    const now = performance.now();
    const late = this.#waiting.filter(({ deadline }) => deadline <= now);
    if (late.length === 0) return;
    this.#waiting = this.#waiting.filter(({ deadline }) => deadline > now);
    for (const { resolve } of late) resolve(false);
  }
}
