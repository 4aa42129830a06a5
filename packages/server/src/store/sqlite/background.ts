import type { Pace } from '../pace.ts';
import type { Group } from './group.ts';
import { Portion } from './portion.ts';

/** What a part of the work may take. */
const TARGET_MS = 8;
const RETRY_MS = 1000;
/** When what was left because others were busy is looked at again. */
const LATER_MS = 200;
/** So often in a row it waits: others may be busy for hours. */
const PUT_OFF = 15;
/** A part counts as so many rows: it shares its group with few others. */
const ROWS = 100;

/**
 * Does about `size` rows of some work inside a transaction; says whether there was anything, or that it can wait while others are
 * `busy`: then it is asked for again.
 */
export type Work = (size: number, busy: boolean) => boolean | 'later';

/**
 * Does what may take long in small parts, each in a transaction of its own beside the writes of others, at a pace that holds
 * them up little. How far it came is in the database, so that a restart goes on from there.
 */
export class Background implements AsyncDisposable {
  readonly #group: Group;
  readonly #pace: Pace;
  readonly #work: Work;
  #running: Promise<void> | undefined;
  #again = false;
  #later = false;
  #putOff = 0;
  #stopped = false;
  #wake: () => void = () => {};
  #timer: NodeJS.Timeout | undefined;

  constructor(group: Group, pace: Pace, work: Work) {
    this.#group = group;
    this.#pace = pace;
    this.#work = work;
  }

  /** Begins, when there may be something to do. */
  start(): void {
    this.#again = true;
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
      if (this.#later) this.soon(LATER_MS);
      this.#later = false;
    });
  }

  /** Begins before long, when there will be something to do. */
  soon(ms: number): void {
    if (this.#timer || this.#running || this.#stopped || ms === Number.POSITIVE_INFINITY) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.start();
    }, ms).unref();
  }

  async #run(): Promise<void> {
    const portion = new Portion(TARGET_MS);
    while (this.#again && !this.#stopped) {
      this.#again = false;
      try {
        await this.#pace.run(Number.POSITIVE_INFINITY, async () => {
          if (this.#stopped) return 0;
          const busy = this.#pace.busy && this.#putOff < PUT_OFF;
          let startedAt = 0;
          let ms = 0;
          const work = (): boolean | 'later' => {
            startedAt = performance.now();
            portion.begin();
            return this.#work(portion.size, busy);
          };
          const committed = (): void => {
            ms = performance.now() - startedAt;
            portion.end();
          };
          const more = await this.#group.run(ROWS, work, committed);
          this.#again ||= more === true;
          this.#later ||= more === 'later';
          this.#putOff = more === 'later' ? this.#putOff + 1 : 0;
          return ms;
        });
      } catch {
        // The database is away, or full: writers are told, and this goes on when it can.
        await this.#sleep(RETRY_MS);
        this.#again = true;
      }
    }
  }

  #sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms).unref();
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** Stops after the part that is being done. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    this.#wake();
    await this.#running;
  }
}
