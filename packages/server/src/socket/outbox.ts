import type { Encoded } from './encoded.ts';

/** Something that frames wait for. */
export interface Recipient {
  /** Lets a frame wait. Answers true when none waited before. */
  queue(news: Encoded): boolean;
  /** Sends what waits; says how many frames that was. */
  flush(): number;
}

/** How long sockets are written to before the loop turns, in milliseconds: longer when much is left to write. */
const SLICE_MS = 4;
const LONG_SLICE_MS = 40;
/** How many frames wait when slices become long, and when nothing more is taken. */
const MANY = 20_000;
const FULL = 200_000;
/** How many sockets are written to between two looks at the clock. */
const LOOK_EVERY = 16;

/**
 * What is to be told, by recipient: all that waits for one socket leaves in one write, at the end of the turn in which it came,
 * and many sockets are written to in slices, so that nobody else waits long.
 */
export class Outbox {
  #coming: Recipient[] = [];
  #going: Recipient[] = [];
  #next = 0;
  #frames = 0;
  #scheduled = false;
  #waiters: (() => void)[] = [];

  put(recipient: Recipient, news: Encoded): void {
    if (recipient.queue(news)) this.#coming.push(recipient);
    this.#frames += 1;
    if (this.#scheduled) return;
    this.#scheduled = true;
    process.nextTick(this.#drain);
  }

  /** Resolves when more may come; undefined when it may come now. */
  room(): Promise<void> | undefined {
    return this.#frames < FULL ? undefined : new Promise((resolve) => this.#waiters.push(resolve));
  }

  readonly #drain = (): void => {
    const endsAt = performance.now() + (this.#frames > MANY ? LONG_SLICE_MS : SLICE_MS);
    for (let written = 1; ; written += 1) {
      if (this.#next === this.#going.length) this.#turnOver();
      const recipient = this.#going[this.#next];
      if (recipient === undefined) {
        this.#rest();
        return;
      }
      this.#next += 1;
      this.#frames -= recipient.flush();
      if (written % LOOK_EVERY === 0 && performance.now() > endsAt) break;
    }
    setImmediate(this.#drain);
  };

  /** Those who came meanwhile are next. */
  #turnOver(): void {
    this.#going = this.#coming;
    this.#coming = [];
    this.#next = 0;
  }

  #rest(): void {
    // Some recipients may have sent by themselves what waited.
    this.#frames = 0;
    this.#scheduled = false;
    for (const resume of this.#waiters.splice(0)) resume();
  }
}
