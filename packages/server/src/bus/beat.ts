import type { Link } from '../redis/link.ts';

const BEAT_MS = 1000;

/** Measures how long news takes: once a second this node sends itself something. */
export class Beat implements Disposable {
  readonly #timer: NodeJS.Timeout;
  readonly #link: Link;
  readonly #channel: string;
  #count = 0;
  #sentAt = 0;
  #lagMs: number | undefined;

  constructor(link: Link, channel: string) {
    this.#link = link;
    this.#channel = channel;
    this.#timer = setInterval(() => this.#send(), BEAT_MS).unref();
  }

  /** How long it took the last time, or how long it is taking; undefined while Redis is away. */
  get lagMs(): number | undefined {
    return this.#link.up ? this.#lagMs : undefined;
  }

  #send(): void {
    if (!this.#link.up) {
      this.#lagMs = undefined;
      return;
    }
    // One that is still on its way says how slow it is by now.
    if (this.#sentAt > 0) this.#lagMs = performance.now() - this.#sentAt;
    this.#count += 1;
    this.#sentAt = performance.now();
    this.#link.run(this.#channel, ['SPUBLISH', this.#channel, beatOf(this.#count)]).catch(() => {});
  }

  /** Takes a message, if it is a beat. */
  hear(message: string): boolean {
    if (!message.startsWith(MARK)) return false;
    if (message === beatOf(this.#count) && this.#sentAt > 0) {
      this.#lagMs = performance.now() - this.#sentAt;
      this.#sentAt = 0;
    }
    return true;
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }
}

const MARK = 'beat ';
const beatOf = (count: number): string => `${MARK}${count}`;
