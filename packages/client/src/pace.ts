import { pause } from './wait.ts';

/** Tells, soon and not too often: at once when it has been quiet, else a moment after the last time. */
export class Pace {
  readonly #tell: () => void;
  readonly #everyMs: number;
  #stopping = new AbortController();
  #asked = false;
  #lastAt = 0;

  constructor(tell: () => void, everyMs: number) {
    this.#tell = tell;
    this.#everyMs = everyMs;
  }

  /** There is something to tell. */
  ask(): void {
    if (this.#asked) return;
    this.#asked = true;
    void this.#wait(this.#stopping.signal);
  }

  /** Tells nothing that was not told yet. */
  stop(): void {
    this.#stopping.abort();
    this.#stopping = new AbortController();
    this.#asked = false;
  }

  async #wait(signal: AbortSignal): Promise<void> {
    const leftMs = Math.min(this.#everyMs, this.#lastAt + this.#everyMs - Date.now());
    await (leftMs > 0 ? pause(leftMs, signal) : undefined);
    if (signal.aborted) return;
    this.#asked = false;
    this.#lastAt = Date.now();
    this.#tell();
  }
}
