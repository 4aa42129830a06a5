/** A turn of the loop that took longer served somebody. */
const IDLE_TURN_MS = 0.2;
/** One of so many turns is idle, unless there is much to do: a single one may be long by chance. */
const TURNS = 3;
/** While others are served, a window is followed by a rest of so many times its length. */
const REST = 8;
const LONGEST_REST_MS = 100;

interface Waiting {
  readonly deadline: number;
  /** Does a window's work; says how long it kept the loop. */
  readonly work: () => Promise<number>;
  readonly resolve: (inTime: boolean) => void;
  readonly reject: (reason: unknown) => void;
}

/**
 * The one lane for work that may take long: its windows run one after another, with at least a turn of the loop between
 * two. While others are being served each is followed by a rest, so that all such work together takes a ninth of the time.
 */
export class Pace {
  #waiting: Waiting[] = [];
  #running = false;
  #lastMs = 0;

  /** Runs `work` when it is its turn and says true; says false when `deadline` (of `performance.now()`) comes first. */
  run(deadline: number, work: () => Promise<number>): Promise<boolean> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ deadline, work, resolve, reject });
      if (this.#running) return;
      this.#running = true;
      void this.#serve();
    });
  }

  async #serve(): Promise<void> {
    while (this.#waiting.length > 0) {
      await this.#rest();
      this.#dismissLate();
      const next = this.#waiting.shift();
      if (!next) break;
      try {
        this.#lastMs = await next.work();
        next.resolve(true);
      } catch (error) {
        next.reject(error);
      }
    }
    this.#running = false;
  }

  async #rest(): Promise<void> {
    for (let turn = 0; turn < TURNS; turn++) {
      const before = performance.now();
      await new Promise((resolve) => setImmediate(resolve));
      if (performance.now() - before < IDLE_TURN_MS) return;
    }
    const ms = Math.min(LONGEST_REST_MS, this.#lastMs * REST);
    if (ms >= 1) await new Promise((resolve) => setTimeout(resolve, ms));
  }

  #dismissLate(): void {
    const now = performance.now();
    const late = this.#waiting.filter(({ deadline }) => deadline <= now);
    if (late.length === 0) return;
    this.#waiting = this.#waiting.filter(({ deadline }) => deadline > now);
    for (const { resolve } of late) resolve(false);
  }
}
